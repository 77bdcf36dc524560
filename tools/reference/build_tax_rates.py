"""VAT, GST and sales tax rates by country, region, category and date: writes customs/data/vat_rates.csv.

Run: python tools/reference/build_tax_rates.py NATIONAL_RATES.csv SALES_TAX_RATES.json
NATIONAL_RATES: country, standard, reduced, super_reduced, valid_from, valid_to, status, source, note (percent).
SALES_TAX_RATES: the `sales-tax` package's table (MIT), used for US states.
"""

import csv
import json
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "src/entrepot/domains/customs/data/vat_rates.csv"
HEAD = ["country", "region", "tax_category", "rate_ppm", "valid_from", "valid_to", "source", "status", "note"]
KNOWN = "general knowledge"
# Ordinary reduced rates, lowest first; regional rates and known mislabels of the source are left out.
REDUCED = {
    "AT": "10 13", "BE": "6 12", "BG": "9", "CY": "5 9", "CZ": "12", "DE": "7", "EE": "9 13", "ES": "10", "FI": "10 13.5",
    "FR": "5.5 10", "GR": "6 13", "HR": "5 13", "HU": "5 18", "IE": "9 13.5", "IT": "5 10", "LT": "5 12", "LU": "8 14",
    "LV": "5 12", "MT": "5 7", "NL": "9", "PL": "5 8", "PT": "6 13", "RO": "11", "SE": "6 12", "SI": "5 9.5", "SK": "5 19",
    "GB": "5", "CH": "2.6 3.8", "NO": "12 15", "IS": "11", "TR": "1 10", "JP": "8", "MX": "8", "VN": "5", "CN": "6 9",
}  # fmt: skip
SUPER = {"CY": "3", "ES": "4", "FR": "2.1", "IT": "4", "LU": "3"}
ZERO = ["GB", "IE", "MT", "CA", "MX"]
REDUCED_FROM = "2026-01-01"
BEFORE_2016 = {
    "AT": "2010-01-01 20", "BE": "2010-01-01 21", "BG": "2010-01-01 20", "CZ": "2010-01-01 20 2013-01-01 21",
    "CY": "2010-01-01 15 2012-03-01 17 2013-01-14 18 2014-01-13 19", "DE": "2007-01-01 19", "DK": "2010-01-01 25",
    "EE": "2010-01-01 20", "ES": "2010-01-01 16 2010-07-01 18 2012-09-01 21", "FI": "2010-01-01 22 2010-07-01 23 2013-01-01 24",
    "FR": "2010-01-01 19.6 2014-01-01 20", "GR": "2010-01-01 19 2010-03-15 21 2010-07-01 23", "HU": "2010-01-01 25 2012-01-01 27",
    "IE": "2010-01-01 21 2012-01-01 23", "IT": "2010-01-01 20 2011-09-17 21 2013-10-01 22", "LT": "2010-01-01 21",
    "LU": "2010-01-01 15 2015-01-01 17", "LV": "2010-01-01 21 2011-01-01 22 2012-07-01 21", "MT": "2010-01-01 18",
    "NL": "2010-01-01 19 2012-10-01 21", "PL": "2010-01-01 22 2011-01-01 23", "PT": "2010-01-01 20 2010-07-01 21 2011-01-01 23",
    "RO": "2010-01-01 19 2010-07-01 24", "SE": "2010-01-01 25", "SI": "2010-01-01 20 2013-07-01 22",
    "SK": "2010-01-01 19 2011-01-01 20", "HR": "2012-03-01 25", "GB": "2010-01-01 17.5",
}  # fmt: skip
EARLIER = {  # dates the table leaves open, or periods before its first row
    "JP": "2014-04-01 8", "NO": "2010-01-01 25", "IS": "2010-01-01 25.5", "SG": "2010-01-01 7", "CN": "2010-01-01 17 2018-05-01 16",
}  # fmt: skip
OPEN_START = {"US": "2010-01-01", "TH": "2010-01-01", "VN": "2010-01-01"}
OVERRIDE = {
    "ID": ("11", "12 % on 11/12 of the value: 11 % effective"),
    "US": ("0", "no federal tax; states have rows of their own"),
}
PROVINCES = {
    "AB": "5", "BC": "12", "MB": "12", "NB": "15", "NL": "15", "NT": "5", "NU": "5", "ON": "13", "PE": "15",
    "QC": "14.975", "SK": "11", "YT": "5",
}  # fmt: skip
STATE_CORRECTIONS = {"AZ": "0.056", "CA": "0.0725"}  # the package lags behind
BR_20 = "AC AL BA CE MG MS PB PI RN RR SE".split()


def ppm(percent: str) -> int:
    """Percent as text to parts per million, exactly."""
    return int(Decimal(percent) * 10_000)


def day_before(day: str) -> str:
    """The calendar day before an ISO date."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def periods(text: str, end: str) -> list[tuple[str, str, str]]:
    """`date rate date rate …` as (from, to, rate) up to the day before `end`."""
    words = text.split()
    starts, rates = words[::2], words[1::2]
    ends = [*starts[1:], end]
    return [(start, day_before(stop), rate) for start, stop, rate in zip(starts, ends, rates, strict=True)]


def national(path: Path) -> list[list[object]]:
    """Standard rates by period, earlier periods in front, reduced rates as listed today."""
    rows: list[list[object]] = []
    first: dict[str, str] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            country = row["country"]
            start = row["valid_from"] or OPEN_START.get(country, "")
            rate, note = OVERRIDE.get(country, (row["standard"], row["note"]))
            first.setdefault(country, start)
            rows.append(
                [
                    country,
                    "",
                    "standard",
                    ppm(rate),
                    start,
                    row["valid_to"],
                    row["source"],
                    row["status"],
                    note,
                ]
            )
    for table in (BEFORE_2016, EARLIER):
        for country, text in table.items():
            end = first[country]
            for start, stop, rate in periods(text, end):
                rows.append(
                    [
                        country,
                        "",
                        "standard",
                        ppm(rate),
                        start,
                        stop,
                        KNOWN,
                        "G",
                        "before the table's first row",
                    ]
                )
    return rows


def reduced() -> list[list[object]]:
    """Reduced, super-reduced and zero rates."""
    rows: list[list[object]] = []
    source, note = (
        "eu-vat-rates-data 2026.9.29; national tax pages",
        "rate as of 2026-09-29; start of its period not looked up",
    )
    for country, text in REDUCED.items():
        for number, rate in enumerate(text.split()):
            name = "reduced" if number == 0 else f"reduced{number + 1}"
            rows.append([country, "", name, ppm(rate), REDUCED_FROM, "", source, "C", note])
    for country, rate in SUPER.items():
        rows.append([country, "", "super_reduced", ppm(rate), REDUCED_FROM, "", source, "C", note])
    rows.append(["AT", "", "super_reduced", ppm("4.9"), "2026-07-01", "", source, "G", "basic foodstuffs"])
    rows += [[country, "", "zero", 0, "2010-01-01", "", KNOWN, "G", "zero-rated goods"] for country in ZERO]
    return rows


def regions(states: dict[str, dict[str, str]]) -> list[list[object]]:
    """US states, Canadian provinces (federal and provincial tax as one rate), Brazilian states at 20 %."""
    rows: list[list[object]] = []
    for state, facts in sorted(states.items()):
        rate = STATE_CORRECTIONS.get(state, str(facts["rate"]))
        note = "state level only: counties and cities add their own"
        note += f"; the package says {facts['rate']}" if state in STATE_CORRECTIONS else ""
        value = int(Decimal(rate) * 1_000_000)
        rows.append(["US", state, "standard", value, "2016-01-01", "", "npm sales-tax 2.23.0", "G", note])
    note = "federal GST and provincial tax as one rate"
    for province, rate in PROVINCES.items():
        rows.append(["CA", province, "standard", ppm(rate), "2016-10-01", "", KNOWN, "G", note])
    rows.append(["CA", "NS", "standard", ppm("15"), "2010-07-01", "2025-03-31", KNOWN, "G", note])
    rows.append(["CA", "NS", "standard", ppm("14"), "2025-04-01", "", KNOWN, "G", note])
    for state in BR_20:
        note = "ICMS on parcels raised to 20 %: list of states not confirmed"
        rows.append(["BR", state, "standard", ppm("20"), "2025-04-01", "", KNOWN, "U", note])
    return rows


def special(rows: list[list[object]]) -> list[list[object]]:
    """Monaco is taxed as France, the Isle of Man as the United Kingdom."""
    pairs = {"FR": "MC", "GB": "IM"}
    return [[pairs[str(row[0])], *row[1:]] for row in rows if row[0] in pairs]


def main() -> None:
    """Write the table."""
    states = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["US"]["states"]
    rows = [*national(Path(sys.argv[1])), *reduced(), *regions(states)]
    rows += special(rows)
    rows.sort(key=lambda row: [str(value) for value in row[:3]] + [str(row[4])])
    with OUT.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*HEAD[:4], "reading", *HEAD[4:]])
        out.writerows([*row[:4], "", *row[4:]] for row in rows)
    print(f"{OUT.name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
