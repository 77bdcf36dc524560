"""PayPal's signature of a message: by the key of its certificate, over number, time, our webhook and a checksum."""

from __future__ import annotations

import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "sha256withrsa"
HOST = ".paypal.com"
NEEDED = ("paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig", "paypal-cert-url")


class Unsigned(ValueError):
    """The message is not PayPal's: the text says what is missing or wrong."""


def is_of_paypal(url: str, own: str = "") -> bool:
    """Whether a certificate's address is PayPal's, or of the very host the account is connected to."""
    try:
        parts, ours = urlsplit(url), urlsplit(own)
    except ValueError:
        return False
    host = parts.hostname or ""
    is_theirs = parts.scheme == "https" and host.endswith(HOST) and not parts.username
    return is_theirs or (bool(own) and (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc))


def check_signature(
    headers: Mapping[str, str],
    content: bytes,
    webhook_id: str,
    certificate: Callable[[str], bytes],
    now: datetime,
) -> str:
    """The number of the message. `certificate` fetches the PEM of an address. Errors: Unsigned."""
    if missing := [name for name in NEEDED if not headers.get(name)]:
        raise Unsigned(f"missing: {', '.join(missing)}")
    if headers.get("paypal-auth-algo", ALGORITHM).lower() != ALGORITHM:
        raise Unsigned("another algorithm than SHA256withRSA")
    number, sent_at, signature, url = (headers[name] for name in NEEDED)
    try:
        known = x509.load_pem_x509_certificates(certificate(url))[0]
        signed = b64decode(signature, validate=True)
    except (ValueError, IndexError, NotBase64) as error:
        raise Unsigned(f"certificate or signature unreadable: {error}") from None
    if not known.not_valid_before_utc <= now.astimezone(UTC) <= known.not_valid_after_utc:
        raise Unsigned("the certificate is not valid today")
    key = known.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unsigned("the certificate has no RSA key")
    text = f"{number}|{sent_at}|{webhook_id}|{zlib.crc32(content)}"
    try:
        key.verify(signed, text.encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Unsigned("the signature is wrong") from None
    return number
