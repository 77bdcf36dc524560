"""Screening: how well perturbed listed names are found again, how many innocent buyers are stopped, and how fast.

Perturbations, each applied to its own sample of listed persons' main names (seeded): words in another order; accents;
one letter wrong, dropped or doubled; one given name cut to its initial; a middle name left out; spaces and hyphens
closed up; the name in Cyrillic or Arabic letters (by a letter table of our own, so not the spelling a native would
choose). Innocent buyers are the demo company's names: given × family names of fifteen markets.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from time import perf_counter

from entrepot.domains import customs
from entrepot.domains.customs.adapters.ofac import parse_list
from entrepot.domains.customs.rules.names import NameIndex

SHARED = Path(__file__).resolve().parents[2] / "shared/data/sanctions"
NAMES = Path(customs.__file__ or "").parents[2] / "config/demo/data/names.csv"
THRESHOLDS = (82, 85, 88, 90, 92)
SAMPLE = 150
ACCENTS = str.maketrans("aeionucsz", "áéíöñüčšž")
CYRILLIC = str.maketrans("abvgdeziklmnoprstufhcyjqwx", "абвгдезиклмнопрстуфхкйжкуб")
PAIRS = [("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("ya", "я"), ("yu", "ю"), ("ts", "ц")]
LATIN, ARABIC_LETTERS = "btjhdrzsfqklmnwygcvpxiou", "بتجهدرزسفقكلمنويغكفبكيوو"
ARABIC = dict(zip(LATIN, ARABIC_LETTERS, strict=True))


def run(buyers: int = 10_000) -> dict[str, float]:
    """Recall by kind of perturbation at the policy's threshold, precision and recall at several, and seconds."""
    folder = SHARED if SHARED.exists() else None
    if folder is None:
        print("screening: ../shared/data/sanctions is missing; nothing was measured")
        return {}
    found = parse_list(
        (folder / "ofac_sdn_2024-05-03.csv.gz").read_bytes(),
        (folder / "ofac_alt_2022-01.csv.gz").read_bytes(),
    )
    kinds = {e.uid: e.kind for e in found.entries}
    names = [(e.uid, e.name) for e in found.entries] + [(n.uid, n.name) for n in found.names]
    names = [(uid, name) for uid, name in names if kinds[uid] in ("individual", "entity")]
    begun = perf_counter()
    index = NameIndex(name for _, name in names)
    figures = {"screening.names": float(len(names)), "screening.index_s": perf_counter() - begun}
    cases = perturbed([(e.uid, e.name) for e in found.entries if e.kind == "individual"])
    hits = [(kind, uid, index.find(text, THRESHOLDS[0])) for kind, uid, text in cases]
    crowd = innocents(buyers)
    begun = perf_counter()
    stopped = [max((score for score, _ in index.find(text, THRESHOLDS[0])), default=0) for text in crowd]
    figures |= {"screening.buyers": float(buyers), "screening.buyers_s": perf_counter() - begun}
    for threshold in THRESHOLDS:
        right = sum(any(s >= threshold and names[n][0] == uid for s, n in found) for _, uid, found in hits)
        wrong = sum(score >= threshold for score in stopped)
        figures[f"screening.recall_at_{threshold}"] = right / len(hits)
        figures[f"screening.precision_at_{threshold}"] = right / max(1, right + wrong)
        figures[f"screening.stopped_pct_at_{threshold}"] = 100 * wrong / len(crowd)
    for kind in dict.fromkeys(kind for kind, *_ in hits):
        own = [(uid, found) for name, uid, found in hits if name == kind]
        right = sum(any(s >= 88 and names[n][0] == uid for s, n in found) for uid, found in own)
        figures[f"screening.recall.{kind}"] = right / len(own)
    return figures


def perturbed(people: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(perturbation, entry's number, name as a buyer might write it)."""
    chance = random.Random(11)
    cases = []
    for kind, change in KINDS.items():
        eligible = [(uid, _natural(name)) for uid, name in people if len(_natural(name)) > 1]
        for uid, words in chance.sample(eligible, SAMPLE):
            cases.append((kind, uid, change(words, chance)))
    return cases


def _natural(name: str) -> list[str]:
    """FAMILY, Given Middle as Given Middle FAMILY."""
    family, _, given = name.partition(",")
    return [*given.split(), *family.split()]


def _order(words: list[str], chance: random.Random) -> str:
    mixed = words[:]
    chance.shuffle(mixed)
    return " ".join(mixed)


def _slip(words: list[str], chance: random.Random) -> str:
    at = max(range(len(words)), key=lambda i: len(words[i]))
    word = words[at]
    i = chance.randrange(1, len(word)) if len(word) > 1 else 0
    letter = chance.choice("aeioumnrst")
    changed = chance.choice(
        [word[:i] + letter + word[i + 1 :], word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:]]
    )
    return " ".join([*words[:at], changed, *words[at + 1 :]])


def _initial(words: list[str], _chance: random.Random) -> str:
    return " ".join([f"{words[0][0]}.", *words[1:]])


def _shorter(words: list[str], _chance: random.Random) -> str:
    return f"{words[0]} {words[-1]}"


def _closed(words: list[str], _chance: random.Random) -> str:
    return " ".join(["".join(words[:-1]).replace("-", ""), words[-1]])


def cyrillic(name: str) -> str:
    """A name in Cyrillic letters, pairs such as sh and ya first."""
    name = name.lower()
    for latin, letter in PAIRS:
        name = name.replace(latin, letter)
    return name.translate(CYRILLIC)


def _arabic(words: list[str], _chance: random.Random) -> str:
    return " ".join("".join(ARABIC.get(letter, "") for letter in word.lower()) or "ا" for word in words)


KINDS = {
    "order": _order,
    "accents": lambda words, _: " ".join(words).lower().translate(ACCENTS),
    "slip": _slip,
    "initial": _initial,
    "shorter": _shorter,
    "closed_up": _closed,
    "cyrillic": lambda words, _: cyrillic(" ".join(words)),
    "arabic": _arabic,
}


def innocents(count: int) -> list[str]:
    """So many buyers by the demo company's names."""
    chance = random.Random(5)
    with NAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    words = {(row["names"], row["part"]): row["words"].split() for row in rows}
    pools = [(words[name, "given"], words[name, "family"]) for name, part in words if part == "given"]
    return [
        f"{chance.choice(given)} {chance.choice(family)}" for given, family in chance.choices(pools, k=count)
    ]


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:40} {figure:14,.3f}")
