"""The tables shipped with the adapters: outcome rules, country names, category patterns, header words."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import polars as pl
from babel import Locale

from entrepot.domains.channels.adapters.encodings import decoded

DATA = "entrepot.domains.channels"
LANGUAGES = (
    "tr", "ms", "id", "vi", "th", "ko", "ja", "zh_Hant", "uk", "ru", "cs", "fi", "nb", "da", "sv", "pl", "pt", "nl",
    "it", "es", "fr", "de", "zh_Hans", "en",
)  # fmt: skip  # a later one wins where two names collide
GZIP, ZIP, MAX_UNPACKED = b"\x1f\x8b", b"PK\x03\x04", 2**30
WORKBOOK = "[Content_Types].xml"
NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def table(name: str) -> pl.DataFrame:
    """A shipped CSV as text columns, empty cells as empty strings."""
    content = (files(DATA) / "data" / f"{name}.csv").read_bytes()
    return pl.read_csv(content, infer_schema=False).with_columns(pl.all().fill_null(""))


@cache
def countries() -> pl.DataFrame:
    """Country names as sellers write them, lower case: name, country (ISO 3166-1, '' where it is none).

    Source: data/country_names.csv first, then CLDR's names in the languages files come in.
    """
    own = table("country_names").select("name", "country")
    known = {
        name.lower(): code
        for language in LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
    }
    cldr = pl.DataFrame({"name": list(known), "country": list(known.values())}, schema=own.schema)
    return pl.concat([own, cldr]).unique("name", keep="first", maintain_order=True)


@cache
def country_named(name: str) -> str:
    """The code of a country by a name it is written under; '' for one nobody knows."""
    found = countries().filter(name=name.strip().lower())["country"]
    return str(found[0]) if len(found) else ""


def territory_name(code: str, language: str) -> str:
    """The name of a territory that is no country (EU) in a language; the code where it has none."""
    locale = Locale.parse("zh_Hans" if language.startswith("zh") else "en")
    return str(locale.territories.get(code, code))


class FileRefused(ValueError):
    """A file that cannot be what it is said to be: `code` says why, `detail` names what."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def unpacked(content: bytes) -> bytes:
    """The bytes of a file, gzipped, alone in a zip, or neither.

    Errors: FileRefused (file.packed) when it is damaged, one of several in a zip, or beyond MAX_UNPACKED: a small file
    must not fill the memory.
    """
    if content[:4] == ZIP:
        return _out_of_zip(content)
    if content[:2] != GZIP:
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            plain = packed.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefused("file.packed", str(error)) from error
    if len(plain) > MAX_UNPACKED:
        raise FileRefused("file.packed")
    return plain


def _out_of_zip(content: bytes) -> bytes:
    """The file of a zip, or the table that several make; a workbook and what only looks like a zip stay as they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            if WORKBOOK in box.namelist() or "mimetype" in box.namelist():
                return content
            inside = [
                each
                for each in box.infolist()
                if not each.is_dir() and not each.filename.startswith("__MACOSX")
            ]
            if not inside or sum(each.file_size for each in inside) > MAX_UNPACKED:
                raise FileRefused("file.packed", ", ".join(each.filename for each in inside[:5]))
            found = [
                (each.filename, box.read(each)) for each in sorted(inside, key=lambda each: each.filename)
            ]
    except zipfile.BadZipFile:
        return content
    except (OSError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise FileRefused("file.packed", str(error)) from error
    return found[0][1] if len(found) == 1 else _joined(found)


def _joined(found: Sequence[tuple[str, bytes]]) -> bytes:
    """The parts of one table, split over files with the same first line, as one; in the order of their names."""
    texts = [decoded(content)[0].strip("\r\n") for _name, content in found]
    heads = {text.partition("\n")[0].strip() for text in texts}
    if len(heads) != 1 or not heads.isdisjoint(("", "{", "[")):
        raise FileRefused("file.packed", ", ".join(name for name, _content in found[:5]))
    body = (text.partition("\n")[2] for text in texts)
    return "\n".join([texts[0].partition("\n")[0], *body]).encode()


def with_country(frame: pl.DataFrame, *, written: str, codes: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Add `country` (ISO code or '' when unknown) for the name written in a column.

    Shapes: n rows in, n rows out, same order. A two-letter code passes when it is in `codes`.
    """
    name = pl.col(written).fill_null("").str.strip_chars()
    upper = name.str.to_uppercase()
    names = countries().rename({"name": "_name", "country": "_country"})
    out = frame.with_columns(_name=name.str.to_lowercase()).join(
        names, on="_name", how="left", maintain_order="left"
    )
    as_code = (
        pl.when(upper.is_in(sorted(codes))).then(upper) if codes else pl.when(pl.lit(False)).then(pl.lit(""))
    )
    return out.with_columns(country=as_code.otherwise(pl.col("_country").fill_null(""))).drop(
        "_name", "_country"
    )
