"""What a domain says of itself in the DNS: its text records, asked with a short patience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import dns.exception
import dns.resolver


class Unanswered(Exception):
    """No name server answered in time, so nothing is known."""


class TextRecords(Protocol):
    """Answers for the text records of a name."""

    def txt(self, name: str) -> list[str]:
        """The text records, none when there are none; raises Unanswered."""


@dataclass(frozen=True)
class NameServer:
    """The machine's own name servers, or the one at `address` (`host` or `host:port`)."""

    address: str = ""
    seconds: float = 4.0
    """How long one question may take altogether."""

    def txt(self, name: str) -> list[str]:
        try:
            answer = self._resolver().resolve(name, "TXT", lifetime=self.seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Unanswered(str(error)) from error
        # Long records come in several strings that belong together (RFC 7208, 3.3).
        return [b"".join(row.strings).decode(errors="replace") for row in answer]

    def _resolver(self) -> dns.resolver.Resolver:
        if not self.address:
            return dns.resolver.Resolver()
        host, _colon, port = self.address.partition(":")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [host]
        resolver.port = int(port or 53)
        return resolver
