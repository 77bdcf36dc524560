"""Heads of goods files as sellers write them: the unit within the head, one currency for every price."""

from entrepot.domains.channels.adapters.sheets.shape import factor_of, is_any_currency, suggest_mapping


def test_a_unit_at_the_end_of_a_head_is_its_unit() -> None:
    heads = ["SKU", "Length cm", "width_cm", "Height (cm)", "Weight kg"]
    found = suggest_mapping("products", heads)
    assert {name: found[name] for name in ("sku", "length", "width", "height", "weight")} == {
        "sku": "SKU", "length": "Length cm", "width": "width_cm", "height": "Height (cm)", "weight": "Weight kg",
    }  # fmt: skip
    assert factor_of("size", ["Length cm"], "") == 10 * 10**9


def test_a_currency_of_no_price_in_particular_is_that_of_every_price() -> None:
    assert is_any_currency("Currency")
    assert is_any_currency("币种")
    assert not is_any_currency("List currency")
    assert not is_any_currency("")
