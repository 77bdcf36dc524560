"""Text of files whose encoding nobody says: by its mark, else by what it would look like."""

from __future__ import annotations

import codecs
import re

LEVEL_1 = {"gb18030": range(0xB0, 0xD8), "cp932": range(0x88, 0x99), "big5": range(0xA4, 0xC7)}
EVERYDAY = 0.8
KANA_OR_MARK = re.compile("[\u3000-\u303f\u3040-\u30ff\uff01-\uff60]")


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else the first encoding that fits and looks right."""
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "replace"), "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), "utf-16"
    if (zeros := content[:400].count(0)) > 100:
        name = "utf-16-le" if content[1:400:2].count(0) * 2 > zeros else "utf-16-be"
        return content.decode(name, "replace"), name
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _east_asian(content) or (content.decode("cp1252", "replace"), "cp1252")


def _east_asian(content: bytes) -> tuple[str, str] | None:
    """Chinese or Japanese text by the encoding in which most of it is everyday characters; None for western text.

    Each of the national sets has its everyday characters in a block of their own: level 1 of GB 2312, Big5, JIS X 0208.
    """
    best: tuple[float, str, str] = (EVERYDAY, "", "")
    for name, lead in LEVEL_1.items():
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        foreign = [char for char in text[:20_000] if ord(char) > 127]
        common = sum(1.0 if KANA_OR_MARK.match(char) else _weight(char, name, lead) for char in foreign)
        best = max(best, (common / len(foreign) if foreign else 0.0, name, text))
    return (best[2], best[1]) if best[1] else None


def _weight(char: str, name: str, level_1: range) -> float:
    """How much a character speaks for a set: everyday ones most; western text never looks like GB 2312."""
    try:
        code = char.encode("gb2312" if name == "gb18030" else name)
    except UnicodeEncodeError:
        return 0.0
    if len(code) != 2:
        return 0.0
    return 1.0 if code[0] in level_1 else 0.9 if name == "gb18030" else 0.3
