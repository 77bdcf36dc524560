"""Codes are found by description, chosen once and for good, and refused when they have expired."""

from datetime import date
from typing import Any

import pytest

from entrepot.domains.catalog.models import Category, Product, Sku
from entrepot.domains.customs import queries, services
from entrepot.domains.customs.models import CodeChoice, HsCode
from entrepot.domains.customs.rules.words import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nomenclature(shipped_rules: None, db: None) -> None:
    """The tree of goods codes as it is shipped."""


@pytest.fixture
def shirt(nomenclature: None) -> Sku:
    category = Category.objects.create(code="shirts", name_en="Shirts")
    product = Product.objects.create(code="P", name_en="Shirt", category=category)
    return Sku.objects.create(
        product=product, code="TS-1", name_en="Women cotton T-shirt", name_zh="纯棉女士T恤"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("蓝牙耳机", "851830"),
        ("充电宝 20000mAh", "850760"),
        ("纯棉女士T恤", "610910"),
        ("不锈钢保温杯", "961700"),
        ("儿童玩具车", "950300"),
        ("Vacuum flask, stainless steel", "961700"),
        ("Textile spinning machines (excl. extruding machines)", "844520"),
        ("usb cable 2 m", "854442"),
        ("冰箱 refrigerators household, compression-type", "841821"),
    ],
)
def test_a_description_leads_to_its_code(nomenclature: None, text: str, code: str) -> None:
    found = [one.code for _row, one in queries.find_codes(text, date(2026, 11, 22), limit=3)]
    assert code in found


def test_confidence_falls_with_the_place_and_says_nothing_of_nonsense(nomenclature: None) -> None:
    found = queries.hs_index().suggest("Circular knitting machines, with cylinder diameter > 165 mm")
    assert found[0].code == "844712"
    assert [one.confidence_ppm for one in found] == sorted(
        (one.confidence_ppm for one in found), reverse=True
    )
    assert queries.hs_index().suggest("zzz qqq") == []
    assert queries.hs_index().suggest("") == []


def test_plurals_and_what_goods_are_not_do_not_count() -> None:
    assert words_of("Batteries (excl. lithium ones), boxes and glass") == ["battery", "box", "glass"]


def test_a_chosen_code_is_binding(shirt: Sku, ada: Any) -> None:
    assert services.suggest_code("TS-1", "610910")
    services.choose_code(services.Choice("TS-1", "6109.90", reason="mostly polyester"), ada)
    assert not services.suggest_code("TS-1", "610910")
    shirt.refresh_from_db()
    assert shirt.hs_code == "610990"
    choice = CodeChoice.objects.get()
    assert (choice.code, choice.chosen_by, choice.reason) == ("610990", ada, "mostly polyester")
    assert choice.version.startswith("HS 2022")


def test_a_later_choice_keeps_the_earlier_one(shirt: Sku, ada: Any) -> None:
    services.choose_code(services.Choice("TS-1", "610910"), ada)
    services.choose_code(services.Choice("TS-1", "610990"), ada)
    assert [(row.code, row.replaced_at is None) for row in CodeChoice.objects.order_by("pk")] == [
        ("610910", False),
        ("610990", True),
    ]


@pytest.mark.parametrize(("code", "reason"), [("61091", "damaged"), ("6109", "short"), ("610977", "unknown")])
def test_a_code_that_is_none_is_refused(shirt: Sku, code: str, reason: str) -> None:
    with pytest.raises(services.CodeRefused) as refused:
        services.choose_code(services.Choice("TS-1", code))
    assert refused.value.reason == reason
    assert not CodeChoice.objects.exists()


def test_an_expired_code_is_refused_with_what_holds_instead(shirt: Sku) -> None:
    HsCode.objects.filter(code="610910").update(valid_to=date(2025, 12, 31))
    with pytest.raises(services.CodeRefused) as refused:
        services.choose_code(services.Choice("TS-1", "610910"))
    state = refused.value.state
    assert state is not None
    assert (refused.value.reason, state.ended_on, state.instead) == (
        "expired",
        date(2025, 12, 31),
        ("610990",),
    )


def test_a_refused_suggestion_is_not_made_again(shirt: Sku, ada: Any) -> None:
    texts = {"TS-1": "纯棉女士T恤"}
    first = queries.suggestions(texts)["TS-1"][0].code
    services.refuse_code("TS-1", first, ada)
    assert first not in [one.code for one in queries.suggestions(texts)["TS-1"]]
