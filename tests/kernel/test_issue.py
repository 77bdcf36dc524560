"""Issues: what may hold an order is named in a word or two, in both languages."""

import pytest

from entrepot.kernel.issue import ISSUES

HOLDING = (
    "orders.",
    "payments.",
    "customs.embargo",
    "customs.sanctions",
    "customs.prohibited",
    "customs.restricted",
)


@pytest.mark.parametrize("code", [code for code in ISSUES if code.startswith(HOLDING)])
def test_what_holds_an_order_has_a_short_name_for_lists(code):
    assert 0 < len(ISSUES[code].name_en) <= 18
    assert 0 < len(ISSUES[code].name_zh) <= 8


def test_without_a_short_name_the_meaning_stands():
    issue = ISSUES["logistics.no_lane"]
    assert issue.name("en") == issue.en
    assert issue.name("zh-hans") == issue.zh
