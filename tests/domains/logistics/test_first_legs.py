"""First legs: quotations come in from files and by hand, end one another, and are compared on a page."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from entrepot.core import reference, worldrows
from entrepot.domains.logistics import queries
from entrepot.domains.logistics.models import FirstLeg, RateFile
from entrepot.domains.logistics.services import FileRefused, RateOptions, import_rates

START = date(2026, 1, 1)
OPTIONS = RateOptions(valid_from=START, ship_from="CN", currency="CNY")
HEAD = "warehouse,mode,forwarder,per_kg,per_rt,min,per_shipment,days"


@pytest.fixture(autouse=True)
def company(db):
    reference.load()


def table(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


def brought(*rows, head=HEAD, options=OPTIONS):
    return import_rates("first-legs", "legs.csv", table(*rows, head=head), options)


def test_good_rows_are_used_and_bad_ones_are_named_with_row_and_field():
    done = brought(
        "RTM,sea,F,,950,,1200,38-45", "MOON,sea,F,,950,,,30", "RTM,rocket,F,9,,,,1", "RTM,air,F,,,,,6",
        "RTM,air,F,x,,,,6", "RTM,air,F,32.555,,,,6", "RTM,rail,F,6.5,,,,soon", "RTM,sea,F,,900,,,40",
    )  # fmt: skip
    assert [(one["row"], one["field"], one["code"]) for one in done.report["findings"]] == [
        (3, "warehouse", "leg.warehouse"), (4, "mode", "leg.mode"), (5, "price", "price.zero"),
        (6, "per_kg", "price.unreadable"), (7, "per_kg", "price.unreadable"), (8, "days", "leg.days"),
        (9, "warehouse", "leg.repeated"),
    ]  # fmt: skip
    leg = FirstLeg.objects.get()
    assert (leg.weighing, leg.per_rt_minor, leg.per_shipment_minor, leg.status) == (
        "sea-lcl",
        95_000,
        120_000,
        "P",
    )
    assert (done.report["rows"], done.report["used"]) == (8, 1)


def test_a_later_quotation_ends_the_one_before_and_the_same_file_changes_nothing():
    brought("RTM,rail,F,6.5,,600,900,22-28")
    again = brought("RTM,rail,F,6.5,,600,900,22-28")
    assert again.report["unchanged"] == 1
    later = RateOptions(valid_from=date(2026, 7, 1), ship_from="CN", currency="CNY")
    brought("RTM,rail,F,7.5,,600,900,22-28", options=later)
    prices = FirstLeg.objects.order_by("valid_from").values_list("per_kg_minor", "valid_from", "valid_to")
    assert list(prices) == [(650, START, date(2026, 6, 30)), (750, date(2026, 7, 1), None)]
    FirstLeg.objects.filter(valid_from=START).update(is_edited=True)
    assert brought("RTM,rail,F,9,,600,900,22-28").report["kept"] == 1


def test_chinese_columns_are_understood_and_a_table_without_days_is_refused():
    done = brought("鹿特丹,海运,950,40", head="仓库,方式,每立方米,天数")
    assert [one["code"] for one in done.report["findings"]] == ["leg.warehouse"]
    assert brought("RTM,海运,950,40", head="仓库,方式,每立方米,天数").report["used"] == 1
    with pytest.raises(FileRefused):
        brought("RTM,sea", head="warehouse,mode")


def test_legs_are_compared_for_a_load_on_their_page(client, bo):
    brought("RTM,sea,F,,950,,1200,38-45", "RTM,rail,F,6.5,,600,900,22-28", "RTM,air,G,32,,1200,500,6-9")
    client.force_login(bo)
    asked = {"ship_from": "CN", "warehouse": "RTM", "weight_kg": "500", "volume_m3": "2"}
    rows = client.get(reverse("logistics:first_legs"), asked).context["rows"]
    # two revenue tons; 666.667 kg by volume; 500 kg
    assert [(row["mode"], row["chargeable_g"], row["carriage_minor"]) for row in rows] == [
        ("sea", 2_000_000, 310_000), ("rail", 666_667, 523_334), ("air", 500_000, 1_650_000),
    ]  # fmt: skip
    assert client.get(reverse("logistics:first_legs"), {**asked, "weight_kg": "-1"}).status_code == 422
    assert client.get(reverse("logistics:first_legs")).status_code == 200


def test_a_file_is_imported_on_the_page_and_the_table_is_kept_like_the_world_s(client, ada, cy):
    file = SimpleUploadedFile("legs.csv", table("RTM,sea,F,,950,,1200,38-45"))
    asked = {
        "kind": "first-legs",
        "file": file,
        "valid_from": START,
        "ship_from": "CN",
        "currency": "CNY",
        "unit": "kg",
    }
    client.force_login(cy)
    assert client.post(reverse("logistics:upload"), asked).status_code == 403
    client.force_login(ada)
    file.seek(0)
    assert client.post(reverse("logistics:upload"), asked).status_code == 302
    assert RateFile.objects.get().report["used"] == 1
    leg, legs = FirstLeg.objects.get(), worldrows.tables()["first_legs"]
    values = {c.attname: getattr(leg, c.attname) for c in legs.columns} | {
        "per_rt_minor": 100_000, "valid_from": date(2026, 6, 1),
    }  # fmt: skip
    worldrows.change(legs, leg, values, ada)
    assert [row["per_rt_minor"] for row in queries.first_legs(timezone.localdate()).to_dicts()] == [100_000]
    assert client.get(reverse("world:table", args=["first_legs"])).status_code == 200
