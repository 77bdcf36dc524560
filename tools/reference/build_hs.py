"""The nomenclature of the Harmonized System, 2022: writes customs/data/hscodes.csv and hssections.csv.

Run: python tools/reference/build_hs.py HS_NOMENCLATURE.csv.gz HS_SECTIONS.csv
The codes and English texts are the list of the data package "harmonized-system" (datasets/harmonized-system at
905e5a0f, ODC-PDDL 1.0); the Chinese names of sections and chapters, hs_zh.csv, are ours.
"""

import csv
import gzip
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "src/entrepot/domains/customs/data"
SOURCE = "HS 2022, datasets/harmonized-system (ODC-PDDL)"
FIRST_DAY = "2022-01-01"


def main() -> None:
    """Write both tables."""
    with (HERE / "hs_zh.csv").open(encoding="utf-8") as file:
        chinese = {row["code"]: row["zh"] for row in csv.DictReader(file)}
    with gzip.open(sys.argv[1], "rt", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["hscode"].isdigit() and row["hscode"][:2] != "99"]
    with Path(sys.argv[2]).open(encoding="utf-8-sig") as file:
        names = {row["section"]: row["name"] for row in csv.DictReader(file)}
    head = ["code", "description_en", "description_zh", "valid_from", "valid_to", "source", "status", "note"]
    codes = [
        [
            row["hscode"],
            row["description"].strip(),
            chinese.get(row["hscode"], ""),
            FIRST_DAY,
            "",
            SOURCE,
            "P",
            "",
        ]
        for row in sorted(rows, key=lambda row: row["hscode"])
    ]
    write("hscodes.csv", head, codes)
    sections = []
    for section, name in names.items():
        chapters = sorted(
            {row["hscode"] for row in rows if row["section"] == section and len(row["hscode"]) == 2}
        )
        english = name.strip()[:1].upper() + name.strip()[1:]
        sections.append([section, chapters[0], chapters[-1], english, chinese[section]])
    write("hssections.csv", ["code", "first_chapter", "last_chapter", "name_en", "name_zh"], sections)


def write(name: str, head: list[str], rows: list[list[str]]) -> None:
    """One table."""
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
