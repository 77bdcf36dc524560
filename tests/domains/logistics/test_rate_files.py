"""Rate files: what is doubted and why, what is used all the same, versions that follow one another."""

from datetime import date

import pytest

from entrepot.core import reference
from entrepot.domains.logistics.adapters.check import rising
from entrepot.domains.logistics.models import Lane, Rate, Service
from entrepot.domains.logistics.services import (
    FileRefused,
    RateOptions,
    card_on,
    compare_cards,
    import_rates,
    save_card,
)

START = date(2026, 1, 1)
OPTIONS = RateOptions(valid_from=START, ship_from="CN", currency="CNY")


@pytest.fixture
def company(db):
    reference.load(["countries", "territories", "currencies"])


def table(*rows, head="service,country,weight to,price"):
    return "\n".join([head, *rows]).encode()


def codes(done):
    return [(one["row"], one["code"]) for one in done.report["findings"]]


def bands(service, on=START):
    card = card_on(service, on)
    return [(zone, *weights, rate.base_minor) for (zone, weights), rate in card.prices.items()]


def test_the_fewest_rows_are_doubted():
    assert rising([100, 200, 150, 300]) == {0, 2, 3}
    assert rising([1794, 1118, 2634]) == {1, 2}
    assert rising([5, 5, 6]) == {0, 1, 2}


def test_good_rows_are_used_and_bad_ones_are_named_with_row_and_field(company):
    content = table(
        "A,DE,0.5,10.00", "A,DE,1,9.00", "A,DE,2,12.00", "A,XX,1,5", "A,FR,1,0", "A,FR,one,5", "A,FR,2,"
    )
    done = import_rates("generic", "rates.csv", content, OPTIONS)
    assert codes(done) == [
        (2, "price.falls"), (5, "country.unknown"), (6, "price.zero"), (7, "weight.unreadable"), (8, "price.missing"),
    ]  # fmt: skip
    assert bands("A") == [("DE", 0, 1000, 900), ("DE", 1000, 2000, 1200), ("XX", 0, 1000, 500)]
    assert Lane.objects.get(service="A").is_open is False


def test_gaps_and_overlaps_and_repeated_weights_are_found(company):
    head = "service,zone,min_weight,max_weight,price"
    content = table("A,z,0,1,10", "A,z,2,3,12", "A,z,2.5,4,13", "A,z,2,3,12.5", head=head)
    done = import_rates("generic", "rates.csv", content, OPTIONS)
    assert codes(done) == [(3, "band.gap"), (4, "band.overlap"), (5, "band.repeated")]
    assert bands("A") == [("z", 0, 1000, 1000), ("z", 2000, 3000, 1200), ("z", 3000, 4000, 1300)]


def test_the_same_file_twice_changes_nothing_and_a_later_one_ends_the_first(company):
    first = import_rates("generic", "rates.csv", table("A,DE,1,10", "A,DE,2,12"), OPTIONS)
    again = import_rates("generic", "rates.csv", table("A,DE,1,10", "A,DE,2,12"), OPTIONS)
    assert (first.report["added"], again.report["added"], again.report["unchanged"]) == (2, 0, 2)
    assert first.pk == again.pk
    later = RateOptions(valid_from=date(2026, 7, 1), currency="CNY")
    import_rates("generic", "rates.csv", table("A,DE,1,11", "A,DE,2,12"), later)
    assert set(Rate.objects.filter(valid_from=START).values_list("valid_to", flat=True)) == {
        date(2026, 6, 30)
    }
    changes = compare_cards(card_on("A", START), card_on("A", date(2026, 7, 1)))
    assert [(c.weights, c.before, c.after) for c in changes] == [((0, 1000), 1000, 1100)]


def test_an_earlier_version_arriving_late_ends_before_the_later_one(company):
    import_rates(
        "generic", "b.csv", table("A,DE,1,11"), RateOptions(valid_from=date(2026, 7, 1), currency="CNY")
    )
    import_rates("generic", "a.csv", table("A,DE,1,10"), OPTIONS)
    assert bands("A", date(2026, 6, 30)) == [("DE", 0, 1000, 1000)]
    assert bands("A", date(2026, 7, 1)) == [("DE", 0, 1000, 1100)]


def test_a_corrected_card_stays_and_a_change_begins_on_its_day(company, bo):
    import_rates("generic", "rates.csv", table("A,DE,1,10", "A,DE,2,12"), OPTIONS)
    card = card_on("A", START)
    light = card.prices["DE", (0, 1000)]
    assert save_card(card, {light.pk: 1050}, date(2026, 3, 1), user=bo) == 1
    assert bands("A", date(2026, 2, 28))[0] == ("DE", 0, 1000, 1000)
    assert bands("A", date(2026, 3, 1))[0] == ("DE", 0, 1000, 1050)
    again = import_rates("generic", "rates.csv", table("A,DE,1,10", "A,DE,2,12"), OPTIONS)
    assert again.report["kept"] == 2
    assert bands("A", date(2026, 3, 1))[0] == ("DE", 0, 1000, 1050)


def test_weights_by_zones_are_read_as_one_price_for_each_zone(company):
    content = table("0.5,44.00,48.00,", "1,69,72.5,80", "2,121,131,65", head="Weight (kg),DE,美国,Zone 3")
    done = import_rates(
        "generic", "rates.csv", content, RateOptions(START, "CN", service="A", currency="CNY")
    )
    assert (done.report["rows"], done.report["used"], codes(done)) == (3, 3, [(3, "price.falls")])
    assert [one["value"] for one in done.report["findings"]] == ["80.00 CNY"]
    assert bands("A") == [
        ("DE", 0, 500, 4400), ("DE", 500, 1000, 6900), ("DE", 1000, 2000, 12100),
        ("Zone 3", 0, 2000, 6500),
        ("美国", 0, 500, 4800), ("美国", 500, 1000, 7250), ("美国", 1000, 2000, 13100),
    ]  # fmt: skip
    assert set(Lane.objects.values_list("dest_country", flat=True)) == {"DE", "US"}


@pytest.mark.parametrize(
    ("head", "row", "band"),
    [
        ("service,zone,max_weight_g,price_usd", "A,z,500,7.25", (0, 500, 725)),
        ("service,zone,min_weight_kg,max_weight_kg,Rate (USD)", "A,z,1,2,7.25", (0, 2000, 725)),
        ("service,zone,Weight up to [lbs],price", "A,z,1,$7.25", (0, 454, 725)),
        ("渠道,分区,止重（公斤）,价格（USD）", 'A,z,2,"1,007.25"', (0, 2000, 100_725)),
        ("service;zone;kg;price", "A;z;0,5;1.007,25", (0, 500, 100_725)),
    ],
)
def test_units_and_currencies_in_the_heads_are_understood(company, head, row, band):
    done = import_rates("generic", "rates.csv", table(row, head=head), RateOptions(START, currency="USD"))
    assert [one["code"] for one in done.report["findings"] if not one["is_used"]] == []
    assert bands("A") == [("z", *band)]


def test_countries_are_known_by_their_names(company):
    import_rates("generic", "rates.csv", table("A,德国,1,10", "A,France; it,1,11"), OPTIONS)
    assert bands("A") == [("DE", 0, 1000, 1000), ("FR,IT", 0, 1000, 1100)]
    assert set(Lane.objects.values_list("dest_country", flat=True)) == {"DE", "FR", "IT"}


def test_a_figure_that_may_be_read_two_ways_is_not_guessed(company):
    done = import_rates("generic", "rates.csv", table('A,DE,1,"1,250"'), OPTIONS)
    assert codes(done) == [(2, "price.unreadable")]


def test_a_file_without_prices_is_refused(company):
    with pytest.raises(FileRefused, match="price"):
        import_rates("generic", "rates.csv", b"service,weight to\nA,1\n", OPTIONS)
    with pytest.raises(FileRefused, match="empty"):
        import_rates("generic", "rates.csv", b"", OPTIONS)


def test_chinese_columns_and_pounds_are_understood(company):
    content = table("渠道一,US,1,20.5,USD", head="渠道,国家,重量,价格,币种")
    import_rates("generic", "价格.csv", content, RateOptions(valid_from=START, unit="lb"))
    assert bands("渠道一") == [("US", 0, 454, 2050)]


def test_royal_mail_as_it_is(company, shared_data):
    folder = shared_data / "carriers"
    zones = (folder / "royal_mail_zones.csv").read_bytes()
    content = (folder / "royal_mail_rates.csv").read_bytes()
    done = import_rates("royal-mail", "rm.csv", content, RateOptions(valid_from=START, zones=zones))
    assert (done.report["rows"], done.report["used"]) == (2847, 2834)
    found = {
        (one["value"], one["code"]) for one in done.report["findings"] if one["field"] in ("zone", "iso2")
    }
    assert {
        ("GE / DE (eu_1)", "zone.swapped"),
        ("DE / GE (eu_3)", "zone.swapped"),
        ("uk", "country.unknown"),
    } <= found
    service = "RM:guaranteed_by_one_pm_with_saturday_service:any:500"
    versions = sorted(set(Rate.objects.filter(service=service).values_list("valid_from", "valid_to")))
    assert len(versions) == 6
    assert versions[-1] == (
        date(2023, 10, 2),
        date(2024, 4, 1),
    )  # the next price list does not have it any more
    assert not Lane.objects.filter(service__startswith="RM:", dest_country="DE").exists()


def test_karrio_sheets_as_they_are(company, shared_data):
    content = (shared_data / "carriers" / "karrio_default_rate_sheets.csv").read_bytes()
    done = import_rates("karrio", "karrio.csv", content, RateOptions(valid_from=START))
    counts = {}
    for one in done.report["findings"]:
        counts[one["code"]] = counts.get(one["code"], 0) + 1
    assert (done.report["rows"], done.report["used"]) == (1091, 924)
    assert (counts["price.zero"], counts["price.missing"]) == (74, 44)
    assert Service.objects.filter(carrier="canadapost").exists()
    assert Lane.objects.filter(service="canadapost:DOM.RP", ship_from="CA", dest_country="CA").exists()
