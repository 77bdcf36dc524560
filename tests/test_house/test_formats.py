"""Figures as a trader reads them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from entrepot.web import badges, formats

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456, "EUR", "1,234.56"),
        (-5, "EUR", "−0.05"),
        (0, "USD", "0.00"),
        (1234567, "JPY", "1,234,567"),
        (1234567, "KWD", "1,234.567"),
        (None, "EUR", "–"),
    ],
)
def test_amount_has_the_currencys_own_decimals(minor, currency, text):
    assert formats.amount(minor, currency) == text


def test_money_keeps_figure_and_currency_together():
    assert formats.money(1050, "GBP") == f"10.50{NBSP}GBP"
    assert formats.money(None, "GBP") == "–"


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (99_999, f"999.99{NBSP}CNY"),
        (-1_234_567, f"−12,346{NBSP}CNY"),
        (1_234_567_89, f"1.23m{NBSP}CNY"),
        (123_456_789_012, f"1,235m{NBSP}CNY"),
    ],
)
def test_cards_show_large_sums_short(minor, text):
    assert formats.money_short(minor, "CNY") == text


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (-1_234_567, f"−12,346{NBSP}CNY"),
        (411_234_567, f"411.2{NBSP}万{NBSP}CNY"),
        (123_456_789_012, f"12.35{NBSP}亿{NBSP}CNY"),
    ],
)
def test_chinese_cards_count_in_ten_thousands(minor, text):
    with translation.override("zh-hans"):
        assert formats.money_short(minor, "CNY") == text


def test_percent_and_weight():
    assert formats.percent(125_000) == f"12.5{NBSP}%"
    assert formats.percent(-4_000) == f"−0.4{NBSP}%"
    assert formats.percent(None) == "–"
    assert formats.weight(850) == f"850{NBSP}g"
    assert formats.weight(12_500) == f"12.5{NBSP}kg"
    assert formats.weight(20_000) == f"20{NBSP}kg"
    assert formats.whole(-1_234_567) == "−1,234,567"


def test_dates_follow_the_language_and_the_companys_day():
    late = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)  # already the 9th in Shenzhen
    assert formats.day(date(2026, 3, 9)) == "9 Mar 2026"
    assert formats.instant(late) == "9 Mar 2026 07:30"
    with translation.override("zh-hans"):
        assert formats.day(late) == "2026年3月9日"


def test_unknown_state_is_shown_as_it_is():
    assert badges.badge_of("teleported", "order") == ("neutral", "teleported")
    assert badges.badge_of("held", "order")[0] == "warn"
