"""Single cells: amounts with any mark, dates of many places, ids a spreadsheet has spoilt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache

from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.adapters.tabular import guess_decimal

_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007'’ "), None) | {ord("−"): "-", ord("–"): "-"}
_WIDE = re.compile("[\uff01-\uff5e\uffe0-\uffe6]")  # full-width letters, digits and signs of money
_NUMBER = re.compile(r"[-+(]?\d[\d.,]*\)?-?")
_SCIENTIFIC = re.compile(r"^([+-]?\d)(?:[.,](\d+))?[eE]\+?(\d+)$")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp]\.?[Mm]\.?)?")
_OFFSET = re.compile(r"(?:Z|\(?(?:UTC|GMT)|(?P<s>[+-])(?P<h>[01]\d):?(?P<m>[0-5]\d))\s*\)?\s*$")
_HOURS_OFF = re.compile(
    r"(?:\(?(?:UTC|GMT)\s*|(?<=\d))(?P<s>[+-])(?P<h>\d{1,2})(?::?(?P<m>[0-5]\d))?\s*\)?\s*$"
)
_CLOCK_WORDS = str.maketrans({"時": ":", "时": ":", "点": ":", "點": ":", "分": ":", "秒": ""})
_WORDS = re.compile(r"[^\W\d_]+\.?", re.UNICODE)
_NAMED_ZONES = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4, "BST": 1, "CET": 1,
    "MEZ": 1, "CEST": 2, "MESZ": 2, "JST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_UNIX = range(946_684_800, 4_102_444_800)  # seconds, from 2000 to 2099
_SHEET_EPOCH, _SHEET_DAYS = datetime(1899, 12, 30), range(20_000, 80_000)  # noqa: DTZ001  # a day's number in a workbook
_EMPTY = ("", "-", "--", "N/A", "n/a", "null", "None")


class Unreadable(ValueError):
    """A cell that is not what its column promises."""


def plain(text: str) -> str:
    """A cell without what spreadsheets and exports put around it: `="123"`, a leading apostrophe, tabs."""
    if text.isascii() and text.isalnum():
        return text
    text = text.strip().strip("\ufeff\t")
    if not text.isascii() and _WIDE.search(text):
        text = unicodedata.normalize("NFKC", text)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.removeprefix("'").strip() if text[:1] == "'" else text


def id_of(text: str) -> str:
    """A number that names something, whole again: `9.00000000001E+11` is 900000000001.

    Errors: Unreadable when the spreadsheet has cut off digits.
    """
    text = plain(text)
    found = _SCIENTIFIC.match(text)
    if not found:
        return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text
    whole, part, power = found[1], found[2] or "", int(found[3])
    part = part.rstrip("0") if len(part) > power else part
    if len(part) != power:
        raise Unreadable("id.cut_off")
    return whole + part


def amount_of(text: str, decimal: str) -> tuple[Decimal | None, str]:
    """The amount and the currency written with it ('' if none); (None, '') for an empty cell.

    `decimal` is the file's decimal mark; a number that can be read one way only is read that way. Brackets and a
    trailing minus are negative. Errors: Unreadable.
    """
    text = plain(text)
    if text in _EMPTY:
        return None, ""
    if _SCIENTIFIC.match(text):
        return Decimal(text.replace(",", ".")), ""
    squeezed = text.translate(_SPACES)
    found = _NUMBER.search(squeezed)
    if found is None:
        raise Unreadable("amount.unreadable")
    before, after = squeezed[: found.start()], squeezed[found.end() :]
    mark = (before.strip("+-(") + after.strip("-)")).strip()
    currency = _currency(mark) if mark else ""
    if mark and not currency:
        raise Unreadable("amount.unreadable")
    digits = found.group()
    if digits[-1] == "-" and (digits[0] in "+-(" or before[-1:] in ("+", "-")):  # what should that be?
        raise Unreadable("amount.unreadable")
    negative = digits.startswith(("-", "(")) or digits.endswith("-") or before[:1] in ("-", "(")
    value = Decimal(_with_point(digits.strip("+-()"), decimal))
    return -value if negative else value, currency


def _with_point(digits: str, decimal: str) -> str:
    """1.234,50 or 1,234.50 as 1234.50."""
    thousands = "," if decimal == "." else "."
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    tail, mark = digits[last + 1 :], digits[last]
    once = digits.count(mark) == 1
    both = "." in digits and "," in digits
    grouped = len(tail) == 3 and 0 < last <= 3 and mark == thousands
    if (both and once) or (once and (mark == decimal or not grouped)):
        head = digits[:last].replace(".", "").replace(",", "")
        return f"{head or '0'}.{tail or '0'}"
    groups = digits.split(mark)[1:]
    lakhs = mark == "," and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups)
    if not both and (once or lakhs or all(len(group) == 3 for group in groups)):
        return digits.replace(mark, "")
    raise Unreadable("amount.unreadable")


@cache
def _marks() -> dict[str, str]:
    return {mark.replace(" ", "").lower(): code for mark, code in table("currency_marks").iter_rows()}


@cache
def _currency(mark: str) -> str:
    known = _marks().get(mark.lower())
    if known:
        return known
    letters = re.sub(r"[$€£¥]", "", mark)
    return letters if re.fullmatch(r"[A-Z]{3}", letters) else ""


def currency_code(text: str) -> str:
    """A cell of the currency column as its code: EUR, €, US $; as written where it is none."""
    text = plain(text)
    return text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else _currency(text.replace(" ", "")) or text


def whole_of(text: str, decimal: str = ".") -> int | None:
    """A number of pieces; None for an empty cell. `decimal`: the file's decimal mark. Errors: Unreadable."""
    text = plain(text)
    if not text:
        return None
    if text.isdigit() and len(text) < 10:
        return int(text)
    try:
        sign, digits = ("-", text[1:]) if text[:1] in "-−" else ("", text)
        digits = digits.translate(_SPACES)
        plain_digits = _with_point(digits, decimal) if re.fullmatch(r"\d[\d.,]*", digits) else digits
        value = Decimal(sign + plain_digits)
    except ArithmeticError:
        raise Unreadable("quantity.unreadable") from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 999_999_999:
        raise Unreadable("quantity.unreadable")
    return int(value)


@cache
def _months() -> dict[str, int]:
    return {name: int(number) for name, number in table("month_names").iter_rows()}


def moment_of(text: str, order: str) -> datetime | None:
    """The moment; with its offset if it names one. None for an empty cell.

    `order` of day, month and year in numbers: ymd, dmy or mdy; a year in front is always seen. Month names of the
    languages the files come in are known. Errors: Unreadable.
    """
    text = plain(text)
    if text in _EMPTY:
        return None
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and int(float(text)) in _SHEET_DAYS:
        return _SHEET_EPOCH + timedelta(seconds=round(float(text) * 86_400))
    if re.fullmatch(r"\d{10}|\d{13}", text) and int(text[:10]) in _UNIX:
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if re.fullmatch(r"(?:19|20)\d{12}", text):
        text = f"{text[:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
    if not text.isascii():
        text = text.translate(_CLOCK_WORDS).rstrip(":")
    zone = _zone(text) if ":" in text else None
    rest = text[: zone.start()] if zone else text
    time = _TIME.search(rest)
    day = rest[: time.start()].strip() or rest[time.end() :] if time else rest
    year, month, number = _day(day, order)
    try:
        moment = datetime(year, month, number, *_clock(time))  # noqa: DTZ001  # as the file writes it
    except ValueError:
        raise Unreadable("date.unreadable") from None
    if zone:
        shift = timedelta(hours=int(zone["h"] or 0), minutes=int(zone["m"] or 0))
        return moment.replace(tzinfo=timezone(-shift if zone["s"] == "-" else shift) if zone["s"] else UTC)
    letters = re.search(r"[A-Z]{3,4}$", text)
    named = _NAMED_ZONES.get(letters[0]) if time and letters else None
    return moment if named is None else moment.replace(tzinfo=timezone(timedelta(hours=named)))


def _zone(text: str) -> re.Match[str] | None:
    """The offset a moment ends with: `Z`, `+0800`, `GMT+8`, and `+08` after a moment as ISO writes it."""
    if found := _OFFSET.search(text):
        return found
    found = _HOURS_OFF.search(text)
    is_one = found and ("T" in text or "GMT" in text[-10:] or "UTC" in text[-10:]) and int(found["h"]) <= 14
    return found if is_one else None


def _day(text: str, order: str) -> tuple[int, int, int]:
    words = [word.rstrip(".").lower() for word in _WORDS.findall(text)]
    named = next((_months()[word] for word in words if word in _months()), None)
    numbers = re.findall(r"\d+", text)
    if named is not None and len(numbers) == 2:
        first, second = numbers
        day, year = (second, first) if len(first) == 4 else (first, second)
        return _year(year), named, int(day)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        return int(numbers[0][:4]), int(numbers[0][4:6]), int(numbers[0][6:])
    if named is not None or len(numbers) != 3:
        raise Unreadable("date.unreadable")
    one, two, three = numbers
    if len(one) == 4:
        return int(one), int(two), int(three)
    if order == "mdy":
        one, two = two, one
    return _year(three), int(two), int(one)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _clock(found: re.Match[str] | None) -> tuple[int, int, int]:
    if found is None:
        return 0, 0, 0
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, int(found[2]), int(found[3] or 0)


def decimal_mark(texts: list[str], *, thirds: bool = False) -> str:
    """The file's decimal mark: by amounts that can be read one way only; `thirds`: its currency has three decimals.

    Where every point has three digits behind it (`50.000`, `1.050.000`) the points part thousands.
    """
    found = guess_decimal(texts)
    pointed = [text.translate(_SPACES) for text in texts if "." in text]
    if found == "." and pointed and not thirds:
        grouped = [re.search(r"(?<![\d.])[1-9]\d{0,2}(?:\.\d{3})+(?![\d.,])", text) for text in pointed]
        return "," if all(grouped) else "."
    return found


def day_order(texts: list[str], usual: str) -> str:
    """dmy or mdy by the values themselves: a first number above 12 is a day, a second one too; else as is usual."""
    firsts, seconds = set(), set()
    for text in texts:
        numbers = re.findall(r"\d+", text.split(" ")[0].split("T")[0])
        if len(numbers) >= 3 and len(numbers[0]) <= 2:
            firsts.add(int(numbers[0]))
            seconds.add(int(numbers[1]))
    if firsts and max(firsts) > 12:
        return "dmy"
    if seconds and max(seconds) > 12:
        return "mdy"
    return usual


def nearest(readings: Iterator[dict[str, int]], beyond: Callable[[dict[str, int]], int]) -> dict[str, int]:
    """The first reading by which a total adds up (`beyond` nought), else the first that comes nearest."""
    tried = []
    for reading in readings:
        tried.append((abs(beyond(reading)), reading))
        if not tried[-1][0]:
            break
    return min(tried, key=lambda one: one[0])[1]
