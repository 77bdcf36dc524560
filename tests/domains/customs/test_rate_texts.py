"""What the printed rates of tariffs say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domains.customs.rules import BadCode, NotComputable, Rate, duty_rate, goods_code, special_rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("Free", Rate()),
        ("6.8%", Rate(rate_ppm=68_000)),
        ("33 1/3%", Rate(rate_ppm=333_333)),
        ("1¢/kg", Rate(specific_e4=10_000, unit="kg", currency="USD")),
        ("$1.646/kg", Rate(specific_e4=1_646_000, unit="kg", currency="USD")),
        ("2.8¢/kg + 4.9%", Rate(rate_ppm=49_000, specific_e4=28_000, unit="kg", currency="USD")),
        ("40¢/kg +10.4%", Rate(rate_ppm=104_000, specific_e4=400_000, unit="kg", currency="USD")),
        ("76¢ each", Rate(specific_e4=760_000, unit="no", currency="USD")),
        ("90¢/pr. + 20%", Rate(rate_ppm=200_000, specific_e4=900_000, unit="pr", currency="USD")),
        ("89.6¢/1000", Rate(specific_e4=896, unit="no", currency="USD")),
        ("$1/1,000 pins + 35%", Rate(rate_ppm=350_000, specific_e4=1_000, unit="no", currency="USD")),
        ("$2.50/thou- sand + 40%", Rate(rate_ppm=400_000, specific_e4=2_500, unit="no", currency="USD")),
        ("1.5¢/kg on lead content", Rate(specific_e4=15_000, unit="kg_lead_content", currency="USD")),
        ("2.1¢/kg on drained weight", Rate(specific_e4=21_000, unit="kg_drained_weight", currency="USD")),
        ("$1/t, including weight of container", Rate(specific_e4=1_000_000, unit="t_gross", currency="USD")),
        ("0.3¢/line/ gross + 4.6%", Rate(rate_ppm=46_000, specific_e4=3_000, unit="line_gross", currency="USD")),
        ("12¢/doz.", Rate(specific_e4=10_000, unit="no", currency="USD")),
        ("5¢/doz.", Rate(specific_e4=50_000, unit="doz", currency="USD")),
        ("32.00 EUR / hl", Rate(specific_e4=320_000, unit="l", currency="EUR")),
        ("8.0% + 35.00 EUR/100kg", Rate(rate_ppm=80_000, specific_e4=350_000, unit="kg", currency="EUR")),
        ("176 EUR / tonne", Rate(specific_e4=176_000_000, unit="t", currency="EUR")),
        ("16.00 GBP/100kg/net/%sacchar.", Rate(specific_e4=160_000, unit="kg_pct_sugar", currency="GBP")),
        (
            "6.50% MAX 5.00 EUR / 100 m",
            Rate(rate_ppm=65_000, unit="m", currency="EUR", ceiling_e4=50_000),
        ),
        (
            "18.40% MIN 22.00 EUR / 100 kg MAX 24.00 EUR / 100 kg",
            Rate(rate_ppm=184_000, unit="kg", currency="EUR", floor_e4=220_000, ceiling_e4=240_000),
        ),
        (
            "0.50 EUR / item MIN 2.70% MAX 4.60%",
            Rate(specific_e4=500_000, unit="no", currency="EUR", floor_ppm=27_000, ceiling_ppm=46_000),
        ),
        (
            "5% or 20¢/kg, whichever is higher",
            Rate(rate_ppm=50_000, specific_e4=200_000, unit="kg", currency="USD", combine="greater"),
        ),
        (
            "12% but not less than 10¢/kg",
            Rate(rate_ppm=120_000, unit="kg", currency="USD", floor_e4=100_000),
        ),
    ],
)  # fmt: skip
def test_a_rate_text_is_read(text: str, rate: Rate) -> None:
    assert duty_rate(text) == rate


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("See additional U.S. note 1", "see_note"),
        ("The rate applicable to the natural juice in heading 2009", "other_line"),
        ("The duty provided in the applicable subheading", "on_top"),
        ("No change", "no_change"),
        ("51¢ each + 6.25% on the case + 5.3% on the battery", "parts"),
        ("3.66¢/kg less 0.02¢/kg for each degree under 100 degrees but not less than 3.14¢/kg", "formula"),
        ("4.4¢/liter + 31.4¢/pf. liter", "two_amounts"),
        ("9.00% + EA", "agricultural"),
        ("Entry Price", "entry_price"),
        ("14.00% (01 JUL - 31 JAN), 0.00% (01 FEB - 30 JUN)", "seasonal"),
        ("8% + 38.50 EUR / 100 kg MAX 18.10% + 7.00 EUR / 100 kg", "compound_bound"),
        ("7¢/sack", "unit"),
        ("as you like it", "unknown"),
        ("", "empty"),
    ],
)
def test_a_text_without_a_rate_says_why(text: str, reason: str) -> None:
    with pytest.raises(NotComputable) as refused:
        duty_rate(text)
    assert refused.value.reason == reason


def test_what_a_heading_of_chapter_99_puts_on_top_is_kept() -> None:
    with pytest.raises(NotComputable) as refused:
        duty_rate("The duty provided in the applicable subheading + 7.5%")
    assert (refused.value.reason, refused.value.added_ppm) == ("on_top", 75_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rate = duty_rate(text)
    except NotComputable:
        return
    assert min(rate.rate_ppm, rate.specific_e4) >= 0


def test_special_rates_belong_to_their_programmes() -> None:
    found, rest = special_rates("Free (BH,CL, E IL,JO.OM) 5.1% (KR) See 9822.04.05 (AU)")
    assert [(one.text, one.signs) for one in found] == [
        ("Free", ("BH", "CL", "E", "IL", "JO", "OM")),
        ("5.1%", ("KR",)),
        ("See 9822.04.05", ("AU",)),
    ]
    assert rest == ""


@pytest.mark.parametrize(
    ("text", "reason"), [("10121", "length"), ("0101.2", "length"), ("01012100", "dots"), ("x", "characters")]
)
def test_a_damaged_code_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadCode, match=reason):
        goods_code(text, dotted=True)
