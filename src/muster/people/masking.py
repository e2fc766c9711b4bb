"""How people look to those who may not see personal data (PF1): 李**, l***@example.com."""

from __future__ import annotations

from dataclasses import dataclass

from muster.people.profile.models import Person
from muster.people.profile.names import is_han


@dataclass(frozen=True)
class Face:
    """What a reader sees of who somebody is."""

    pk: int
    public_id: str
    external_id: str
    name: str
    email: str
    phone: str

    @property
    def title(self) -> str:
        """The best that a reader may call them by."""
        return self.name or self.email or self.phone or self.external_id or self.public_id


def face(person: Person, *, clear: bool) -> Face:
    """The person in clear, or masked."""
    show = (lambda text: text, lambda text: text, lambda text: text)
    mask = (masked_name, masked_email, masked_phone)
    of_name, of_email, of_phone = show if clear else mask
    return Face(
        person.pk,
        person.public_id,
        person.external_id or "",
        of_name(person.name),
        of_email(person.email),
        of_phone(person.phone),
    )


def masked_name(name: str) -> str:
    """李小雨 → 李**, Anna Li → A***."""
    if not name:
        return ""
    return name[0] + "*" * (len(name) - 1) if is_han(name) else f"{name[0]}***"


def masked_email(email: str) -> str:
    """li@example.com → l***@example.com."""
    if not email:
        return ""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"


def masked_phone(phone: str) -> str:
    """+8613800138000 → 138****8000, +14155550100 → +141****0100."""
    if not phone:
        return ""
    shown = phone.removeprefix("+86")
    return f"{shown[: 3 if shown.isdigit() else 4]}****{shown[-4:]}"
