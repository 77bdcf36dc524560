"""Names of countries and currencies, and customs territories by date: writes the data files of catalog, ledger and customs.

Run: python tools/reference/build_names.py CURRENCY_TABLE.csv  (columns code, minor units; ISO 4217 table).
Sources: pycountry (ISO 3166-1), Babel (Unicode CLDR names), membership dates of the European Union.
"""

import csv
import sys
from pathlib import Path

import pycountry
from babel import Locale

DOMAINS = Path(__file__).resolve().parents[2] / "src" / "entrepot" / "domains"
EU_FOUNDED = "1993-01-01"
EU_JOINED = {
    **dict.fromkeys("BE DE DK ES FR GR IE IT LU NL PT".split(), EU_FOUNDED),
    **dict.fromkeys("AT FI SE".split(), "1995-01-01"),
    **dict.fromkeys("CY CZ EE HU LT LV MT PL SI SK".split(), "2004-05-01"),
    **dict.fromkeys("BG RO".split(), "2007-01-01"),
    "HR": "2013-07-01",
}
EU_SOURCE = "treaties of accession and withdrawal"
EU_LAST_DAY = "2020-12-31"
DAY_BEFORE = {
    "1995-01-01": "1994-12-31",
    "2004-05-01": "2004-04-30",
    "2007-01-01": "2006-12-31",
    "2013-07-01": "2013-06-30",
}
NOTES = {
    **dict.fromkeys(
        "GP GF MQ RE YT".split(), "inside the EU customs territory, outside its VAT area; kept apart"
    ),
    "AX": "inside the EU customs territory, outside its VAT area; kept apart",
    **dict.fromkeys("GG JE".split(), "customs union with the United Kingdom, no VAT; kept apart"),
    **dict.fromkeys("SM AD".split(), "customs union with the EU for goods, own tax; kept apart"),
}


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """One table as CSV, sorted by its rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def countries() -> list[list[str]]:
    """Every ISO 3166-1 country with its English and Chinese name."""
    english, chinese = Locale("en").territories, Locale("zh", script="Hans").territories
    codes = sorted(country.alpha_2 for country in pycountry.countries)
    return [[code, english[code], chinese[code]] for code in codes]


def currencies(table: Path) -> list[list[str]]:
    """Every currency of the ISO 4217 table that has minor units, with its English name."""
    english = Locale("en").currencies
    rows = []
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code, units = row["code"], row["minor_units"]
            if not units.isdigit():
                continue
            rows.append([code, units, english.get(code) or row["name"]])
    return sorted(rows)


def territories() -> list[list[str]]:
    """Which customs territory a country belongs to, and since when."""
    rows = []
    for country in pycountry.countries:
        code = country.alpha_2
        if code in EU_JOINED:
            joined = EU_JOINED[code]
            if joined != EU_FOUNDED:
                rows.append([code, code, EU_FOUNDED, DAY_BEFORE[joined], EU_SOURCE, "G", "before accession"])
            rows.append([code, "EU", joined, "", EU_SOURCE, "G", ""])
        elif code in ("GB", "IM"):
            rows.append([code, "EU", EU_FOUNDED, EU_LAST_DAY, EU_SOURCE, "G", "end of the transition period"])
            note = (
                "Northern Ireland follows EU rules for goods: not told apart by country code"
                if code == "GB"
                else ""
            )
            rows.append([code, "GB", "2021-01-01", "", EU_SOURCE, "G", note])
        elif code == "MC":
            rows.append([code, "EU", EU_FOUNDED, "", EU_SOURCE, "G", "taxed as France"])
        else:
            note = NOTES.get(code, "")
            rows.append(
                [code, code, EU_FOUNDED, "", "ISO 3166-1", "D", note or "each country is its own territory"]
            )
    return sorted(rows)


def main() -> None:
    """Write the three files."""
    write(DOMAINS / "catalog/data/countries.csv", ["country", "name_en", "name_zh"], countries())
    head = ["currency", "minor_units", "name"]
    write(DOMAINS / "ledger/data/currencies.csv", head, currencies(Path(sys.argv[1])))
    head = ["country", "territory", "valid_from", "valid_to", "source", "status", "note"]
    write(DOMAINS / "customs/data/territories.csv", head, territories())


if __name__ == "__main__":
    main()
