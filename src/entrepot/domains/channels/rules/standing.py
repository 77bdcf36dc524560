"""Rules of account care: which window a metric looks at, how it stands, what is due, what two accounts share."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date, timedelta
from fractions import Fraction

from entrepot.domains.channels.rules.health import PPM, AccountMetric, is_met, rate_of

DAYS_OF = {"day": 1, "days": 1, "month": 30, "months": 30}
YEAR_DAYS = {12: 365}
USUAL_DAYS = 30
NEAR = Fraction(4, 5)
WARN_DAYS = 60
SHORT = re.compile(r"\((\d+) if >= (\d+)")


def window_days(metric: AccountMetric, many: int) -> int:
    """How many days back a metric looks: the longest window named.

    `many`: the transactions of the shorter window, where a platform shortens the window for busy sellers
    (eBay: 3 months from 400 transactions on). Nothing named: 30 days.
    """
    words = metric.window
    if (short := SHORT.search(words)) and many >= int(short[2]):
        return int(short[1]) * DAYS_OF["months"]
    found = re.findall(r"(\d+)", words.split("(")[0])
    unit = next((days for word, days in DAYS_OF.items() if re.search(rf"\b{word}\b", words)), 1)
    number = int(found[-1]) if found else USUAL_DAYS
    return YEAR_DAYS.get(number, number * unit) if unit > 1 else number


def short_window(metric: AccountMetric) -> int | None:
    """Days of the shorter window a metric may have."""
    found = SHORT.search(metric.window)
    return int(found[1]) * DAYS_OF["months"] if found else None


def level_of(metric: AccountMetric, count: int, among: int) -> str:
    """good, near (within a fifth of the limit), breach, or none where there were no cases to count."""
    if not among:
        return "none"
    if not is_met(metric, count, among):
        return "breach"
    limit, rate = Fraction(metric.threshold_ppm, PPM), rate_of(count, among)
    above = metric.operator.startswith("<")
    near = rate > limit * NEAR if above else 1 - rate > (1 - limit) * NEAR
    return "near" if near else "good"


def is_of(marketplace: str, platform: str, market: str) -> bool:
    """Whether a marketplace's rules (`Walmart US`, `TikTok Shop`) are those of an account's platform and market."""
    words = marketplace.lower().split()
    if not words or words[0] != platform:
        return False
    named = words[-1].upper() if len(words[-1]) == 2 else ""
    return not named or named == market.upper()


def paper_state(expires_on: date | None, is_there: bool, today: date) -> str:
    """missing, expired, ending (within 60 days) or there."""
    if not is_there:
        return "missing"
    if expires_on is None:
        return "there"
    if expires_on < today:
        return "expired"
    return "ending" if expires_on <= today + timedelta(days=WARN_DAYS) else "there"


def plain_trait(kind: str, value: str) -> str:
    """A trait as it is compared: numbers without marks, letters small, addresses without spaces and marks."""
    text = value.strip().lower()
    if kind == "phone":
        return re.sub(r"\D", "", text).lstrip("0")
    if kind in ("payment", "address"):
        return re.sub(r"[\W_]+", "", text)
    return text


def digest_of(kind: str, value: str, key: bytes) -> str:
    """The keyed hash of a trait; without the key nobody can try values out."""
    return hmac.new(key, f"{kind}:{plain_trait(kind, value)}".encode(), hashlib.sha256).hexdigest()
