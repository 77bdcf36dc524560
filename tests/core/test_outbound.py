"""Addresses that users typed: public ones only, judged where the connection is made."""

import socket
from typing import Any

import httpx
import pytest

from entrepot.core import outbound


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses_are_told_from_public_ones(address: str):
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str):
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/x", "private"),
        ("https://[::1]:8443", "private"),
        ("https://2130706433/", "private"),
        ("http://8.8.8.8", "scheme"),
        ("ftp://8.8.8.8", "scheme"),
        ("https://", "unknown"),
        ("https://user:word@8.8.8.8", "credentials"),
        ("https://8.8.8.8:notaport", "unknown"),
    ],
)
def test_an_address_is_refused_with_its_reason(url: str, code: str, settings: Any):
    settings.PRIVATE_SHOPS = False

    with pytest.raises(outbound.AddressRefused) as refused:
        outbound.check_address(url)

    assert refused.value.code == code


def test_a_name_that_changes_its_mind_gains_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.PRIVATE_SHOPS = False
    answers = iter(["8.8.8.8", "127.0.0.1"])

    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert outbound.check_address("https://shop.example/") == "https://shop.example"

    with httpx.Client(transport=outbound.transport()) as client, pytest.raises(httpx.ConnectError):
        client.get("https://shop.example/")


def test_the_own_network_is_open_by_setting_only(settings: Any):
    settings.PRIVATE_SHOPS = True

    assert outbound.check_address("http://127.0.0.1:3000/") == "http://127.0.0.1:3000"
