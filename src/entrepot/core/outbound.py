"""Calls to addresses that users typed: only to public machines, whatever a name resolves to at the moment of the call.

A name is resolved once, each of its addresses judged, and the connection made to the address that was judged, so that
a name which changes its mind (DNS rebinding) gains nothing. `settings.PRIVATE_SHOPS` lets private addresses pass: for
shops in the company's own network and for tests. Redirects are never followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings


class AddressRefused(ValueError):
    """None that may be called; `code` is private, scheme, unknown or credentials, the text names the host."""

    def __init__(self, code: str, host: str) -> None:
        super().__init__(f"{code}: {host}")
        self.code, self.host = code, host


def check_address(url: str) -> str:
    """The address without a slash at its end, if it may be called. Errors: AddressRefused."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("unknown", url) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.PRIVATE_SHOPS):
        raise AddressRefused("scheme", host or url)
    if not host:
        raise AddressRefused("unknown", url)
    if parts.username or parts.password:
        raise AddressRefused("credentials", host)
    _judged(host, port or (443 if parts.scheme == "https" else 80))
    return url.strip().rstrip("/")


def transport() -> httpx.BaseTransport:
    """How httpx reaches the outside: through the guard, without proxies of the environment, without redirects."""
    return _GuardedTransport()


class _GuardedTransport(httpx.HTTPTransport):
    def __init__(self) -> None:
        super().__init__(trust_env=False)
        context = httpx.create_ssl_context(trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_GuardedBackend())


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = _judged(host, port)
        except AddressRefused as error:
            raise httpcore.ConnectError(str(error)) from None
        return self._real.connect_tcp(address, port, timeout, local_address, socket_options)

    def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise httpcore.ConnectError(f"no such way: {path}")

    def sleep(self, seconds: float) -> None:
        self._real.sleep(seconds)


def _judged(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise AddressRefused("unknown", host) from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not settings.PRIVATE_SHOPS and not all(is_public(address) for address in addresses):
        raise AddressRefused("private", host)
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; addresses that wrap another are judged by what they wrap."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is None and ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
