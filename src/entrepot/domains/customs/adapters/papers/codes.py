"""Code 128 and QR codes as SVG."""

from __future__ import annotations

from io import BytesIO

import segno
from barcode import Code128
from barcode.writer import SVGWriter

BAR_OPTIONS = {"write_text": False, "module_height": 14.0, "module_width": 0.3, "quiet_zone": 2.0}


def code128(text: str) -> str:
    """A text as a Code 128 bar code without its text below."""
    buffer = BytesIO()
    Code128(text, writer=SVGWriter()).write(buffer, options=BAR_OPTIONS)
    return buffer.getvalue().decode("utf-8")


def qr(text: str) -> str:
    """A text as a QR code."""
    buffer = BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", scale=4, border=2, xmldecl=False)
    return buffer.getvalue().decode("utf-8")
