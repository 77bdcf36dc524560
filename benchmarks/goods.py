"""How often the right code is suggested, on descriptions the index has never seen; and how long a question takes."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import defaultdict
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
TARIFF = ROOT.parent / "shared/data/tariff/uk_global_tariff_vs_eu_cet_2020.csv.gz"
CODES = ROOT / "src/entrepot/domains/customs/data/hscodes.csv"
PARTS, HELD_OUT = 5, 0
HEADING, SEEN = 4, 3


def run(_orders: int | None = None) -> dict[str, float]:
    """Top-1 and top-3 at six and four digits on the held-out codes, calibration, milliseconds a question.

    The index holds the nomenclature's own texts. The questions are the UK tariff's descriptions of the codes whose
    hash falls into one part of five: no weight and no confidence was chosen by them. One description a code, the first.
    """
    from entrepot.domains.customs.adapters.hs_search import HsIndex

    with CODES.open(encoding="utf-8", newline="") as file:
        texts = {row["code"]: row["description_en"] for row in csv.DictReader(file)}
    started = perf_counter()
    index = HsIndex(texts)
    found = {"goods.build_s": perf_counter() - started}
    if not TARIFF.exists():
        return found
    questions = held_out(texts)
    hits: dict[str, int] = defaultdict(int)
    sure = right = 0
    started = perf_counter()
    for code, text in questions.items():
        answers = index.suggest(text, limit=10)
        codes = [one.code for one in answers]
        headings = list(dict.fromkeys(each[:HEADING] for each in codes))
        hits["6_top1"] += codes[:1] == [code]
        hits["6_top3"] += code in codes[:SEEN]
        hits["4_top1"] += headings[:1] == [code[:HEADING]]
        hits["4_top3"] += code[:HEADING] in headings[:SEEN]
        if answers and answers[0].confidence_ppm >= 900_000:
            sure += 1
            right += codes[0] == code
    found["goods.question_ms"] = (perf_counter() - started) / len(questions) * 1_000
    found["goods.questions"] = len(questions)
    found |= {f"goods.share_{name}": number / len(questions) for name, number in hits.items()}
    found["goods.share_sure_90"] = sure / len(questions)
    found["goods.right_of_sure_90"] = right / max(sure, 1)
    return found


def held_out(texts: dict[str, str]) -> dict[str, str]:
    """The first UK description of each code that was kept out of every choice of weights."""
    questions: dict[str, str] = {}
    with gzip.open(TARIFF, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            code = row["commodity"][:6]
            if code in texts and int(hashlib.sha256(code.encode()).hexdigest(), 16) % PARTS == HELD_OUT:
                questions.setdefault(code, row["description"])
    return questions
