"""Tariff files become dated rows, and every line of them is accounted for."""

from datetime import date
from pathlib import Path

import pytest

from entrepot.core import reference
from entrepot.domains.customs import services
from entrepot.domains.customs.adapters.reading import Edition
from entrepot.domains.customs.frames import tariffs
from entrepot.domains.customs.models import DutyLayer, DutyRate, NationalCode, TariffRun

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[4] / "shared/data/tariff"
HEAD = "HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty"
SMALL = [
    '6109,0,"T-shirts, knitted:",,,,',
    '6109.10.00,1,Of cotton,,16.5%,"Free (AU,KR,S) 2% (JP) See 9912.61.01 (MA)",90%',
    ",2,Men's or boys':,,,,",
    '6109.10.00.04,3,T-shirts,"[""doz."",""kg""]",,,',
    "9101.11.40,0,Watches,,51¢ each + 6.25% on the case + 5.3% on the battery,,",
    "9101.11.40.10,1,Movement,,,,",
    "10121,0,Damaged,,5%,,",
    "02013050,0,Without dots,,4.4¢/kg,,",
]


@pytest.fixture
def preferences() -> None:
    reference.load(["preferences"])


def brought_in(
    lines: list[str], on: date, kind: str = "us-hts", head: str = HEAD, name: str = "small.csv"
) -> TariffRun:
    content = "\n".join([head, *lines]).encode()
    return services.import_tariff(services.receive_tariff(kind, name, content, valid_from=on))


def rate(**key: str) -> DutyRate:
    return DutyRate.objects.get(dest="US", valid_to=None, **{"origin": "", "scheme": "", **key})


def test_every_line_of_the_us_schedule_has_an_outcome(preferences: None) -> None:
    run = brought_in(SMALL, date(2025, 4, 1))
    assert run.report["outcomes"] == {
        "heading": 2, "rates": 2, "inherits": 1, "not_computable": 2, "damaged": 1,
    }  # fmt: skip
    assert run.report["adds_up"]
    reasons = {(row.code, row.reason) for row in run.problems.all()}
    assert reasons == {
        ("61091000", "special_see_note"),
        ("91011140", "parts"),
        ("9101114010", "above_not_computable"),
        ("10121", "code_length"),
        ("02013050", "code_dots"),
    }
    assert rate(hs_prefix="61091000").rate_ppm == 165_000
    assert rate(hs_prefix="61091000", scheme="USJTA", origin="JP").rate_ppm == 20_000
    assert rate(hs_prefix="61091000", scheme="USMCA").rate_ppm == 0
    assert rate(hs_prefix="61091000", origin="RU").rate_ppm == 900_000
    assert rate(hs_prefix="02013050").specific_e4 == 44_000
    assert NationalCode.objects.get(code="6109100004").description == "Men's or boys' › T-shirts"


def test_a_newer_edition_ends_old_rates_and_begins_new_ones(preferences: None) -> None:
    brought_in(SMALL, date(2025, 4, 1))
    changed = [SMALL[0], SMALL[1].replace("16.5%", "15%").replace(" 2% (JP)", ""), *SMALL[2:-1]]
    run = brought_in(changed, date(2026, 1, 1))
    assert run.report["rates"]["opened"] == run.report["rates"]["closed"] == 1
    assert run.report["rates"]["ended"] == 2  # the Japanese rate, and the line that is gone
    old, new = DutyRate.objects.filter(hs_prefix="61091000", origin="", scheme="").order_by("valid_from")
    assert (old.rate_ppm, old.valid_to, new.rate_ppm) == (165_000, date(2025, 12, 31), 150_000)
    again = brought_in(changed, date(2026, 2, 1))
    done = again.report["rates"]
    assert (done["opened"], done["closed"], done["ended"], done["unchanged"]) == (0, 0, 0, done["rows"])


def test_an_older_edition_ends_where_the_newer_begins(preferences: None) -> None:
    brought_in(SMALL, date(2026, 1, 1))
    brought_in([SMALL[0], SMALL[1].replace("16.5%", "17%")], date(2025, 1, 1))
    old = DutyRate.objects.get(hs_prefix="61091000", origin="", scheme="", valid_from=date(2025, 1, 1))
    assert (old.rate_ppm, old.valid_to) == (170_000, date(2025, 12, 31))
    assert rate(hs_prefix="61091000").rate_ppm == 165_000


def test_the_same_file_twice_is_one_run(preferences: None) -> None:
    first = brought_in(SMALL, date(2025, 4, 1))
    before = DutyRate.objects.count()
    second = brought_in(SMALL, date(2025, 4, 1))
    assert (first.pk, DutyRate.objects.count()) == (second.pk, before)


def test_a_killed_import_goes_on_after_its_last_stage(preferences: None) -> None:
    run = brought_in(SMALL, date(2025, 4, 1))
    TariffRun.objects.filter(pk=run.pk).update(state="running", stage="codes")
    DutyRate.objects.all().delete()
    NationalCode.objects.all().delete()
    services.import_tariff(run)
    assert DutyRate.objects.count() > 5
    assert not NationalCode.objects.exists()  # that stage was done


def test_a_file_of_another_kind_is_refused(preferences: None) -> None:
    with pytest.raises(services.TariffRefused, match="columns_missing"):
        brought_in(["1,2"], date(2025, 4, 1), head="a,b")
    assert TariffRun.objects.get().state == "failed"


def test_the_list_of_section_301_and_its_exclusions(preferences: None) -> None:
    lines = ["6109.10.00,0.075", "8517.13.00,0.25", "8517.13.00,0.5", "123,0.25", "8471.30.01,a lot"]
    run = brought_in(lines, date(2020, 2, 14), "section-301", "HSCode,Additional Duty")
    assert run.report["outcomes"] == {"rates": 1, "not_computable": 2, "damaged": 2}
    layer = DutyLayer.objects.get()
    assert (layer.layer, layer.hs_prefix, layer.origin, layer.rate_ppm) == (
        "US-301-CN",
        "61091000",
        "CN",
        75_000,
    )
    content = b"""[{"_metadata": {"generated_at": "2026-03-28T06:00:01Z"}},
        {"hts_code": "6109.10.0004", "ch99_heading": "9903.88.15", "description": "Plain shirts",
         "expires_at": "2026-11-10T00:00:00+00:00", "status": "active"}]"""
    services.import_tariff(services.receive_tariff("exclusions", "e.json", content))
    row = DutyLayer.objects.get(layer="US-301-CN-EXCLUDED")
    assert (row.displaces, row.valid_from, row.valid_to) == (
        "US-301-CN",
        date(2026, 3, 28),
        date(2026, 11, 10),
    )


def test_own_tables_hold_beside_each_other(preferences: None) -> None:
    lines = ['TH,6109,"30%",', 'TH,6109,"30%",', "TH,2208,60 THB / l,", "TH,22,as you like it,", "TH,1,5%,"]
    run = brought_in(lines, date(2026, 1, 1), "duty-rates", "dest,hs_prefix,rate,origin", "th.csv")
    assert run.report["outcomes"] == {"rates": 2, "duplicate": 1, "not_computable": 1, "damaged": 1}
    other = brought_in(["VN,6109,20%"], date(2026, 2, 1), "duty-rates", "dest,hs_prefix,rate", "vn.csv")
    assert other.report["rates"]["ended"] == 0
    assert DutyRate.objects.get(dest="TH", hs_prefix="2208").specific_e4 == 60_000_000
    head = "layer,dest,hs_prefix,rate,origin,displaces,source,status"
    makers = [
        "AD-654,EU,731815,86.5%,CN,,Reg. (EU) 2022/191,C",
        "AD-654:ACME,EU,731815,22.1%,CN,AD-654,Reg. (EU) 2022/191,C",
    ]
    brought_in(makers, date(2026, 1, 1), "duty-layers", head, "ad.csv")
    acme = DutyLayer.objects.get(layer="AD-654:ACME")
    assert (acme.rate_ppm, acme.displaces, acme.status) == (221_000, "AD-654", "C")
    codes = ["CN,6109100010,Men's T-shirts of cotton", "CN,61091,x", "China,6109100021,y"]
    run = brought_in(codes, date(2026, 1, 1), "national-codes", "country,code,description", "cn.csv")
    assert run.report["outcomes"] == {"codes": 1, "damaged": 2}


@pytest.mark.skipif(not SHARED.exists(), reason="the collected tariff files are not beside this checkout")
@pytest.mark.parametrize(
    ("kind", "name", "lines", "rates"),
    [
        ("us-hts", "us_hts_2025_04.csv.gz", 35_938, 14_246),
        ("uk-eu", "uk_global_tariff_vs_eu_cet_2020.csv.gz", 11_830, 11_664),
        ("section-301", "us_section301_china_list.csv", 12_972, 12_972),
    ],
)
def test_every_line_of_a_whole_file_is_accounted_for(
    preferences: None, kind: str, name: str, lines: int, rates: int
) -> None:
    found = tariffs.read_file(kind, (SHARED / name).read_bytes(), Edition(date(2025, 4, 1), "test"))
    assert found.lines == lines == sum(found.outcomes.values())
    assert found.outcomes["rates"] == rates
    assert found.rates or found.layers
