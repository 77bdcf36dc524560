"""Papers: numbers with their check digits, which forms, what is missing, and one set of figures everywhere."""

from dataclasses import replace
from datetime import date

import pytest

from entrepot.domains.customs import services
from entrepot.domains.customs.adapters.papers import paper_data
from entrepot.domains.customs.rules.numbers import is_eori, is_ioss, is_s10, s10, s10_check_digit
from entrepot.domains.customs.rules.papers import h7, kinds_of, missing, needs_h7, origin_data, shared
from entrepot.domains.customs.services import Item, Limits, Papers, Party

TEE = Item(1, "TEE", "Cotton T-shirt", "棉 T 恤", "61091000", "CN", 2, 360, 3998)
CUP = Item(2, "CUP", "Cup", "", "691110", "CN", 1, 300, 1250)
PAPERS = Papers(
    number="S7-1", order_number="A-7", on=date(2026, 5, 4),
    seller=Party("Entrepot 转口港", ("1 Harbour Road",), "CN", {"IOSS": "IM5280000012", "EORI": "NL004495445"}),
    buyer=Party("Jürgen Müller", ("10115 Berlin",), "DE"), buyer_kind="b2c", incoterm="DDP", currency="EUR", digits=2,
    items=(TEE, CUP), shipping_minor=490, tax_minor=1090, euro_minor=5248, parcels=1, gross_g=720,
    service="Post", mode="post", ship_from="CN", to_union=True, from_union=False, import_rule="EU-IOSS",
    scheme="IOSS", collector="seller", tracking="RR473124829CN", limits=Limits(35_100, 2_000, 15_000),
)  # fmt: skip


def test_postal_item_ids_have_their_check_digit():
    assert s10_check_digit("47312482") == 9
    assert s10("RR", 47_312_482, "EE") == "RR473124829EE"
    assert is_s10("RR473124829EE")
    assert not is_s10("RR473124828EE")
    assert not is_s10("RR47312482EE")
    assert {s10_check_digit(f"{n:08}") for n in range(200)} == set(range(10))
    with pytest.raises(ValueError, match="eight digits"):
        s10_check_digit("123")


def test_ioss_and_eori_are_judged_by_their_form():
    assert is_ioss("IM2760000011")
    assert not any(map(is_ioss, ("IM27600000", "DE2760000011", "IM27600000111", "im2760000011")))
    assert is_eori("NL004495445")
    assert not is_eori("004495445")


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, ("invoice", "packing", "cn22", "label")),
        ({"euro_minor": 35_100, "gross_g": 2_000}, ("invoice", "packing", "cn22", "label")),
        ({"euro_minor": 35_101}, ("invoice", "packing", "cn23", "label")),
        ({"gross_g": 2_001}, ("invoice", "packing", "cn23", "label")),
        ({"mode": "courier"}, ("invoice", "packing", "label")),
        ({"ship_from": "NL", "from_union": True}, ("packing", "label")),
    ],
)
def test_which_documents_a_shipment_needs(change, kinds):
    assert kinds_of(replace(PAPERS, **change)) == kinds


def test_h7_fits_up_to_its_limit_from_outside_to_consumers():
    assert needs_h7(replace(PAPERS, euro_minor=15_000))
    for change in ({"euro_minor": 15_001}, {"buyer_kind": "b2b"}, {"from_union": True}, {"to_union": False}):
        assert not needs_h7(replace(PAPERS, **change))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        (
            {"items": (replace(TEE, hs_code=""), replace(CUP, origin=""))},
            ["papers.hs_missing", "papers.origin_missing"],
        ),
        ({"items": (replace(TEE, net_g=0), CUP)}, ["papers.weight_missing"]),
        ({"seller": replace(PAPERS.seller, numbers={"IOSS": "IM27600000"})}, ["papers.ioss_missing"]),
        ({"scheme": "", "seller": replace(PAPERS.seller, numbers={})}, ["papers.eori_missing"]),
        (
            {"buyer": replace(PAPERS.buyer, name="", address=())},
            ["papers.name_missing", "papers.address_missing"],
        ),
        ({"buyer_kind": "b2b"}, ["papers.vat_missing"]),
        ({"ship_from": "NL", "from_union": True, "items": (replace(TEE, hs_code=""), CUP)}, []),
    ],
)
def test_what_is_missing_blocks_every_document(change, codes):
    changed = replace(PAPERS, **change)
    assert [code for code, _ in missing(changed)] == codes
    if codes:
        with pytest.raises(services.PapersIncomplete):
            services.print_papers([changed])
        with pytest.raises(services.PapersIncomplete):
            services.data_set(changed, "h7")


def test_every_document_tells_the_same_figures():
    printed = paper_data(PAPERS, kinds_of(PAPERS))
    set_of_data = h7(PAPERS)
    origin = origin_data(PAPERS)
    assert printed["goods"] == set_of_data["intrinsic_value"] == "52.48"
    assert sum(float(item["value"]) for item in origin["items"]) == 52.48
    assert sum(float(item["intrinsic_value"]) for item in set_of_data["items"]) == 52.48
    assert (printed["total"], printed["tax"], printed["payable"]) == ("57.38", "10.90", "68.28")
    assert (printed["net"], printed["gross"]) == ("0.660", "0.720")
    assert set_of_data["gross_mass_kg"] == origin["gross_mass_kg"] == "0.720"
    assert (set_of_data["additional_procedure"], set_of_data["ioss_number"]) == ("F48", "IM5280000012")
    assert [item["goods_code"] for item in set_of_data["items"]] == ["610910", "691110"]


def test_h7_puts_lines_of_the_same_goods_together():
    twice = replace(PAPERS, items=(TEE, replace(TEE, number=2, sku="TEE-L"), CUP))
    assert [(i["goods_code"], i["quantity"], i["intrinsic_value"]) for i in h7(twice)["items"]] == [
        ("610910", 4, "79.96"),
        ("691110", 1, "12.50"),
    ]


def test_money_without_minor_units_is_written_whole():
    yen = replace(PAPERS, currency="JPY", digits=0)
    assert paper_data(yen, ("invoice",))["total"] == "5,738"
    assert h7(yen)["intrinsic_value"] == "5248"


@pytest.mark.parametrize("weights", [[1], [1, 1, 1], [0, 0], [5, 0, 7], [333, 333, 334]])
@pytest.mark.parametrize("total", [0, 1, 100, 9_999])
def test_parts_add_up_to_the_total(total, weights):
    parts = shared(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


def test_pdf_and_picture_are_drawn_and_the_same_each_time():
    one = services.print_papers([PAPERS, replace(PAPERS, number="S8-1")])
    assert one.startswith(b"%PDF-")
    assert one == services.print_papers([PAPERS, replace(PAPERS, number="S8-1")])
    assert services.preview(PAPERS, "cn22").startswith(b"\x89PNG")


def test_origin_data_as_csv():
    assert services.origin_csv(PAPERS).splitlines()[1] == "1,Cotton T-shirt,61091000,CN,2,0.360,39.98,EUR"
