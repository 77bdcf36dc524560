"""Where we may send to: public addresses only, looked up once and kept for the call.

A name is resolved here and the connection goes to the very address that was judged, so that a name server cannot
answer with a harmless address first and a private one afterwards. Every address a name stands for must be public.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = {"http": 80, "https": 443}
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
LONGEST = 500


class AddressRefused(ValueError):
    """An address that nothing may be sent to; the text says why."""


@dataclass(frozen=True)
class Target:
    """A judged address: connect to `ip`, speak to `host`."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str

    @property
    def netloc(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def pinned_url(self) -> str:
        """The address with the judged number in place of the name."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"


def check_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of an address that may be tried; no name is looked up yet.

    Errors: AddressRefused for another scheme than http(s), credentials in the address, or a private number.
    """
    if len(url) > LONGEST or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url) or "\\" in url:
        raise AddressRefused("the address is too long or has spaces, backslashes or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("the address cannot be read") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in PORTS or not host:
        raise AddressRefused("the address must begin with https:// or http:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("the address must not carry a name or password")
    if (number := _as_number(host)) is not None and not _may_reach(host, number):
        raise AddressRefused(f"{host} is a private, local or reserved address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or PORTS[parts.scheme], path


def resolve(url: str) -> Target:
    """Look the name up and judge every address it stands for.

    Errors: AddressRefused when it has none, or one of them is not public.
    """
    scheme, host, port, path = check_url(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(f"the name {host} is not known") from None
    numbers = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    for number in numbers:
        if not _may_reach(host, ipaddress.ip_address(number)):
            raise AddressRefused(f"{host} stands for {number}, a private, local or reserved address")
    return Target(scheme, host, port, path, numbers[0])


def _may_reach(host: str, number: Address) -> bool:
    return host in settings.WEBHOOK_PRIVATE_HOSTS or is_public(number)


def is_public(number: Address) -> bool:
    """Whether an address belongs to the open Internet, also when it is wrapped in another kind of address."""
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is None and any(number in net for net in NAT64):
            inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if int(number) >> 32 == 0 or number.is_site_local:
            return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def _as_number(host: str) -> Address | None:
    """A host that is a number already, in any spelling that the system's resolver would take (0x7f.1, 2130706433)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError, UnicodeError):
        return None
