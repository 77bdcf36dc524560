"""Duty rates and additional duties of the goods the demo company sells: writes customs/data/duty_rates.csv, duty_layers.csv.

Run: python tools/reference/build_duties.py UK_EU_TARIFF.csv.gz US_HTS.csv.gz US_301_LIST.csv
Sources: github uktrade/global-uk-tariff (UK Global Tariff beside the EU tariff of 2020, MIT, Crown copyright), US
Harmonized Tariff Schedule of April 2025 (US government work), USTR Section 301 lists as collected by a private user.
Only plain percentages are taken; lines with specific or mixed duties are left out. A six-digit row stands for the line
that is named in its note: HS6 is what an order usually carries.
"""

import csv
import gzip
import re
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "src/entrepot/domains/customs/data"
EU_UK = "github uktrade/global-uk-tariff @ab1e6029 (tariff of 2020)"
HTS = "US HTS, April 2025"
LIST = "USTR Section 301 lists (github Oneusg/Customs)"
KNOWN = "general knowledge"
# HS6 (2022) → the tariff line that speaks for it: EU/UK CN8 (2020), US HTS8 (2025)
LINES = {
    "330499": ("33049900", "33049950"), "392410": ("39241000", "39241040"), "392690": ("39269097", "39269099"),
    "420212": ("42021250", "42021281"), "420222": ("42022290", "42022281"), "420292": ("42029291", "42029231"),
    "610910": ("61091000", "61091000"), "611030": ("61103099", "61103030"), "620342": ("62034231", "62034207"),
    "630622": ("63062200", "63062290"), "640399": ("64039996", "64039990"), "640411": ("64041100", "64041190"),
    "691110": ("69111000", "69111045"), "732393": ("73239300", "73239300"), "850440": ("85044055", "85044095"),
    "850760": ("85076000", "85076000"), "851631": ("85163100", "85163100"), "851762": ("85176200", "85176200"),
    "851830": ("85183000", "85183020"), "853952": ("85395000", "85395200"), "854442": ("85444290", "85444290"),
    "940440": ("94049090", "94044090"), "940490": ("94049090", "94049020"), "940541": ("94054039", "94054184"),
    "940542": ("94054099", "94054284"), "950300": ("95030095", "95030000"), "950699": ("95069990", "95069960"),
    "961620": ("96162000", "96162000"),
}  # fmt: skip
OLD_HS = {"853950": "853952", "940540": "940542"}  # HS 2017 → 2022, for the lists of 2020
US_301_OLD = {"940540": ("940541", "940542"), "940510": ("940511",), "940520": ("940521",)}
# What is taken where nothing better is known, by destination: percent, certainty, note
ASSUMED = {
    "EU": ("3.5", "U", ""), "GB": ("3", "U", ""), "US": ("3.5", "U", ""), "CA": ("6", "U", ""), "AU": ("5", "G", "general rate"),
    "NZ": ("5", "G", "general rate"), "JP": ("3", "U", ""), "KR": ("8", "G", "general rate of most industrial goods"),
    "SG": ("0", "G", "free but for alcohol and some others"), "CH": ("0", "G", "industrial duties abolished 2024-01-01"),
    "NO": ("0", "G", "industrial goods but clothing are free"), "MX": ("15", "U", ""), "BR": ("20", "U", ""),
    "TH": ("20", "U", ""), "MY": ("5", "U", ""), "VN": ("12", "U", ""), "ID": ("7.5", "U", ""), "SA": ("5", "C", "most goods"),
    "AE": ("5", "C", "most goods"), "CN": ("7", "U", ""), "HK": ("0", "G", "free port"),
}  # fmt: skip
# From general knowledge, only where sure: destination → HS prefix → percent
SURE = {
    "CA": {"610910": "18", "611030": "18", "620342": "17", "640399": "18", "640411": "18", "950300": "0", "851762": "0",
           "851830": "0", "850440": "0"},
    "AU": {"851762": "0", "851830": "0", "850440": "0"},
    "JP": {"851762": "0", "851830": "0", "850760": "0", "850440": "0", "950300": "0", "610910": "10.9"},
    "NO": {"61": "10.7", "62": "10.7"},
}  # fmt: skip
RECIPROCAL = "US-IEEPA-RECIPROCAL"
OWN_RATE = {  # origins with a rate of their own from 2025-08-07
    "VN": "20", "TW": "20", "TH": "19", "ID": "19", "MY": "19", "PH": "19", "KH": "19", "BD": "20", "PK": "19", "LK": "20",
    "CH": "39", "TR": "15", "IL": "15",
}  # fmt: skip
HEAD_RATES = ["dest", "hs_prefix", "origin", "rate_ppm", "valid_from", "valid_to", "source", "status", "note"]
USUAL_RATES = {
    "specific_e4": 0, "unit": "", "currency": "", "combine": "sum", "floor_ppm": "", "ceiling_ppm": "", "floor_e4": "",
    "ceiling_e4": "", "scheme": "", "reading": "",
}  # fmt: skip
USUAL_LAYERS = {"specific_e4": 0, "unit": "", "currency": "", "displaces": "", "reading": ""}
HEAD_LAYERS = ["layer", "dest", "hs_prefix", "origin", "origins_except", "rate_ppm", *HEAD_RATES[4:]]


def ppm(percent: str) -> int:
    """Percent as text to parts per million, exactly."""
    return int(Decimal(percent) * 10_000)


def plain(text: str) -> str | None:
    """The percentage of a duty that is nothing but a percentage; `Free` is zero."""
    if text.strip().lower() == "free":
        return "0"
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", text)
    return found[1] if found else None


def europe(path: Path) -> list[list[object]]:
    """EU and UK rates: every eight-digit line under our HS6 codes, and the HS6 row itself."""
    wanted = {*LINES, *OLD_HS}
    rows: list[list[object]] = []
    spoken: dict[str, list[str]] = {}
    for hs, (line, _us) in LINES.items():
        spoken.setdefault(line, []).append(hs)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code = row["commodity"]
            if len(code) != 8 or code[:6] not in wanted:
                continue
            for dest, column, start in (
                ("EU", "cet_duty_rate", "2016-01-01"),
                ("GB", "ukgt_duty_rate", "2021-01-01"),
            ):
                rate = plain(row[column])
                if rate is None:
                    continue
                note = "rate of 2020" if dest == "EU" else "rate of 2021"
                rows.append([dest, code, "", ppm(rate), start, "", EU_UK, "P", note])
                taken = f"taken from line {code}"
                rows.extend(
                    [dest, hs, "", ppm(rate), start, "", EU_UK, "D", taken] for hs in spoken.get(code, ())
                )
    return rows


def america(path: Path) -> list[list[object]]:
    """US column-1 general rates: eight-digit lines under our HS6 codes, and the HS6 row itself."""
    rows: list[list[object]] = []
    spoken = {line: hs for hs, (_eu, line) in LINES.items()}
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            code = row["HTS Number"].replace(".", "")[:8]
            rate = plain(row["General Rate of Duty"] or "-")
            if len(code) != 8 or code[:6] not in LINES or rate is None:
                continue
            rows.append(["US", code, "", ppm(rate), "2016-03-10", "", HTS, "P", "rate of 2025"])
            if code in spoken:
                rows.append(
                    ["US", spoken[code], "", ppm(rate), "2016-03-10", "", HTS, "D", f"taken from line {code}"]
                )
    return rows


def assumed() -> list[list[object]]:
    """The row for all goods of each destination, and the few rates known without a table."""
    rows: list[list[object]] = []
    for dest, (rate, status, note) in ASSUMED.items():
        note = note or "assumed for goods without a rate of their own: change it to yours"
        source = KNOWN if status != "U" else "assumption"
        rows.append([dest, "", "", ppm(rate), "2010-01-01", "", source, status, note])
    for dest, rates in SURE.items():
        for code, rate in rates.items():
            rows.append(
                [dest, code, "", ppm(rate), "2016-01-01", "", KNOWN, "G", "most-favoured-nation rate"]
            )
    return rows


def section_301(path: Path) -> dict[str, str]:
    """Additional duty on Chinese goods by eight-digit code; mixed codes are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code = row["HSCode"].replace(".", "")
            found[code[:8]].add(row["Additional Duty"])
    rates = {code: next(iter(values)) for code, values in found.items() if len(values) == 1}
    for old, new in US_301_OLD.items():
        rates |= {hs + code[6:]: rate for code, rate in rates.items() if code[:6] == old for hs in new}
    return rates


Proof = tuple[str, str, str]  # source, certainty, note


def layers(rates: dict[str, str]) -> list[list[object]]:
    """Duties on top of the tariff, each on the same entered value."""
    name, start = "US-301-CN", "2020-02-14"
    rows: list[list[object]] = []
    note = "lists 1-3 at 25 %, list 4A at 7.5 %"
    for code, rate in sorted(rates.items()):
        if code[:6] in LINES and code[:6] != "850760":
            rows.append(_layer(name, code, "CN", f"{start} {Decimal(rate) * 100} open", (LIST, "P", note))[0])
    for hs, (_eu, line) in LINES.items():
        if line in rates and hs != "850760":
            proof = (LIST, "D", f"taken from line {line}")
            rows += _layer(name, hs, "CN", f"{start} {Decimal(rates[line]) * 100} open", proof)
    note = "non-vehicle lithium-ion batteries: list 4A, raised by the four-year review"
    rows += _layer(name, "850760", "CN", f"{start} 7.5 2025-12-31", (LIST, "D", note))
    rows += _layer(name, "850760", "CN", "2026-01-01 25 open", ("tariffsentinel.com 2026-06-15", "C", note))
    if "85183020" not in rates:
        proof = (KNOWN, "G", "headphones, list 4A: missing in the collected list")
        rows += [
            row
            for code in ("85183020", "851830")
            for row in _layer(name, code, "CN", f"{start} 7.5 open", proof)
        ]
    return rows + _emergency()


def _layer(
    layer: str, code: str, origin: str, steps: str, proof: Proof, never: str = ""
) -> list[list[object]]:
    """Rows of one layer: `steps` is `first-day rate last-day …`, percent, `open` for no end."""
    words = steps.split()
    triples = zip(words[::3], words[1::3], words[2::3], strict=True)
    ends = ((start, rate, "" if stop == "open" else stop) for start, rate, stop in triples)
    return [[layer, "US", code, origin, never, ppm(rate), start, stop, *proof] for start, rate, stop in ends]


def _emergency() -> list[list[object]]:
    """IEEPA duties until they were struck down, and Section 122 after them."""
    end, source = "2026-02-23", "tradecompliancesoftware.org; general knowledge for the steps"
    struck = "struck down 2026-02-20, not collected from 2026-02-24"
    proof = (source, "G", struck)
    fentanyl = f"2025-02-04 10 2025-03-03 2025-03-04 20 2025-11-09 2025-11-10 10 {end}"
    china = f"2025-04-05 10 2025-04-08 2025-04-09 84 2025-04-09 2025-04-10 125 2025-05-13 2025-05-14 10 {end}"
    first = "2025-04-05 10 2025-08-06"
    rows: list[list[object]] = []
    for origin in ("CN", "HK"):
        rows += _layer("US-IEEPA-FENTANYL", "", origin, fentanyl, proof)
        rows += _layer(RECIPROCAL, "", origin, china, proof)
        outside = (source, "G", "annex II: outside the reciprocal duty")
        rows += _layer(RECIPROCAL, "851762", origin, f"2025-04-05 0 {end}", outside)
    for origin, rate in OWN_RATE.items():
        rows += _layer(RECIPROCAL, "", origin, f"{first} 2025-08-07 {rate} {end}", proof)
    india = f"{first} 2025-08-07 25 2025-08-26 2025-08-27 50 {end}"
    rows += _layer(
        RECIPROCAL, "", "IN", india, (source, "U", struck + "; lowered early in 2026: date not confirmed")
    )
    never = " ".join(sorted(["CN", "HK", "CA", "MX", "IN", *OWN_RATE]))
    note = struck + "; EU, JP, KR: 15 % with the tariff included, which a layer cannot say: 10 % is taken"
    rows += _layer(RECIPROCAL, "", "", f"2025-04-05 10 {end}", (source, "U", note), never)
    note = "ends 2026-07-24 00:01; USMCA goods exempt; what follows is unconfirmed (12.5 % for 46 economies was proposed)"
    after = ("wssa.com; internationaltradeinsights.com", "C", note)
    return rows + _layer("US-122", "", "", "2026-02-24 10 2026-07-23", after, "CA MX")


def disputed(name: str, head: list[str]) -> list[list[object]]:
    """Readings of disputed duties, written by hand beside this tool."""
    path = Path(__file__).with_name(f"disputed_{name.removeprefix('duty_')}")
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [[row[column] for column in head] for row in csv.DictReader(file)]


def write(name: str, head: list[str], rows: list[list[object]], usual: dict[str, object]) -> None:
    """One table, sorted; the columns these rows do not use stand before the period with their usual values."""
    place = head.index("valid_from")
    head = head[:place] + list(usual) + head[place:]
    rows = [row[:place] + list(usual.values()) + row[place:] for row in rows]
    rows += disputed(name, head)
    rows.sort(key=lambda row: [str(value) for value in row])
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main() -> None:
    """Write both tables."""
    tariff, hts, lists = (Path(argument) for argument in sys.argv[1:4])
    write("duty_rates.csv", HEAD_RATES, [*europe(tariff), *america(hts), *assumed()], USUAL_RATES)
    write("duty_layers.csv", HEAD_LAYERS, layers(section_301(lists)), USUAL_LAYERS)


if __name__ == "__main__":
    main()
