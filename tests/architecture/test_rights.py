"""Deny by default: no address and no API operation without a stated permission."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from muster.kit import ids
from muster.team.permissions import EVERYBODY
from muster.team.roles import PERMISSIONS, ROLES, SCOPES

OTHERS = ("account/", "api/v1/")
"""Sign-in pages of the account library and the API, which has its own test below."""


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        path = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from patterns(found, path)
        else:
            yield path, found


def own_pages() -> list[tuple[str, URLPattern]]:
    return [
        (path, found) for path, found in patterns(get_resolver()) if not path.startswith(OTHERS)
    ]


class TestEveryPage:
    def test_states_whom_it_is_for(self):
        silent = [path for path, found in own_pages() if not hasattr(found.callback, "permission")]
        assert silent == []

    def test_shows_nothing_to_strangers(self, workspace):
        client = Client()
        shown = []
        for path, found in own_pages():
            if found.callback.permission == EVERYBODY:
                continue
            answer = client.get(address_of(path))
            if answer.status_code not in {302, 405} or "/login" not in answer.get(
                "Location", "/login"
            ):
                shown.append((path, answer.status_code))
        assert shown == []

    def test_refuses_roles_that_lack_the_permission(self, user_with, client_for):
        vendor = client_for(user_with("vendor"))
        may = ROLES["vendor"].permissions | {EVERYBODY, "signed in"}
        open_doors = [
            (path, answer.status_code)
            for path, found in own_pages()
            if found.callback.permission not in may
            and (answer := vendor.get(address_of(path))).status_code not in {403, 405}
        ]
        assert open_doors == []


def address_of(path: str) -> str:
    """An address that fits a pattern: ids of things that do not exist."""
    import re

    prefixes = {
        prefix: public for kind, prefix in ids.KINDS.items() for public in [ids.public(kind, 999)]
    }
    return "/" + re.sub(
        r"<(?:(\w+):)?\w+>",
        lambda found: prefixes.get(found[1] or "", "1" if found[1] == "int" else "x"),
        path,
    )


class TestEveryApiOperation:
    def test_demands_a_scope_and_refuses_strangers(self, workspace):
        import json

        client = Client()
        document = json.loads(client.get("/api/v1/openapi.json").content)
        open_doors = []
        for path, operations in document["paths"].items():
            for method in operations:
                answer = getattr(client, method)(
                    address_of(path.lstrip("/").replace("{", "<").replace("}", ">"))
                )
                if answer.status_code != 401:
                    open_doors.append((method, path, answer.status_code))
        assert open_doors == []
        assert len(document["paths"]) > 20


class TestRoles:
    def test_name_only_permissions_that_exist(self):
        assert all(role.permissions <= set(PERMISSIONS) for role in ROLES.values())
        assert set(SCOPES.values()) <= set(PERMISSIONS)

    @pytest.mark.parametrize("role", ["vendor", "store", "content", "executive", "legal"])
    def test_of_guests_see_no_people_in_clear(self, role):
        assert "people.pii" not in ROLES[role].permissions
        assert "people.export" not in ROLES[role].permissions
