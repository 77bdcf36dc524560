"""Likeness of names: any script in Latin letters, any order of words, initials, accents and small slips forgiven."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA, JaroWinkler

# words that say what kind of firm or how to address a person, and nothing about who it is
IDLE_TITLES = "mr mrs ms miss dr prof sir al el the of and de da di do dos du la le"
IDLE_FIRMS = (
    "ltd limited llc inc corp corporation co company gmbh ag sa srl spa plc bv nv oy ab as jsc ojsc pjsc cjsc ooo oao"
    " zao pao group holding holdings"
)
IDLE = frozenset(f"{IDLE_TITLES} {IDLE_FIRMS}".split(" "))
WORD = re.compile(r"[a-z0-9]+")
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
JOINED = re.compile(r"(?<=\w)['’`ʼ.\-](?=\w)")
SOUNDS = str.maketrans(
    {"q": "k", "c": "k", "x": "k", "z": "s", "j": "y", "w": "v", "f": "v", "p": "b", "t": "d"}
)
VOWELS = re.compile(r"[aeiouyh]")
TWICE = re.compile(r"(.)\1+")
ABJAD = re.compile(r"[\u0590-\u06ff\u0750-\u077f\ufb1d-\ufdff\ufe70-\ufeff]")
INNER_W = re.compile(r"(?<=\w)w")
VOWEL_PAIRS = (("ee", "i"), ("oo", "u"), ("ou", "u"), ("ie", "i"))
INITIAL, SKELETON, SAME_SOUND = 0.85, 0.93, 0.8
LONG_SKELETON, SHORT_WORD, LONG_WORD = 3, 3, 7
FULLER = 0.7


@dataclass(frozen=True)
class Name:
    """A name as words in small Latin letters, and each word's consonants; is_abjad: written without vowels."""

    words: tuple[str, ...]
    bones: tuple[str, ...]
    is_abjad: bool = False


def read_name(text: str) -> Name:
    """The words of a name, whatever script it is in; forms of address and kinds of firm are left out if others remain.

    A family name before a comma goes to the end. Chinese and Korean are read syllable by syllable: the first is the
    family name, the others are joined to one word, as passports do.
    """
    parts = []
    family, comma, given = text.partition(",")
    natural = f"{given} {family}" if comma and "," not in given else text.replace(",", " ")
    for part in JOINED.sub("", natural).split():
        plain = anyascii(part)
        if HAN.search(part) and len(part) > 1:
            syllables = CAPITAL.sub(" ", plain).split()
            parts += [syllables[0], "".join(syllables[1:])] if len(syllables) > 1 else syllables
        else:
            parts.append(plain)
    words = WORD.findall(" ".join(parts).lower())
    telling = [word for word in words if word not in IDLE]
    kept = tuple(telling or words)
    return Name(kept, tuple(skeleton(word) for word in kept), bool(ABJAD.search(text)))


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """The consonants of a word with letters of one sound made one: what Arabic and Hebrew write, and what ears keep."""
    bare = word.replace("kh", "h").replace("sh", "s").replace("ch", "s").replace("gh", "g").replace("ts", "s")
    bones = TWICE.sub(r"\1", VOWELS.sub("", INNER_W.sub("", bare).translate(SOUNDS)))
    return bones or bare[:1]


def likeness(one: Name, other: Name) -> int:
    """How alike two names are, 0 to 100.

    Words are paired, best pairs first, each once; a pair counts with the length of its words. The fuller covered name
    weighs seven tenths, the other three, so that a middle name left out costs little.
    Two words must meet, unless one of the names is a single word: then the whole other name must be it.
    """
    if not one.words or not other.words:
        return 0
    joined = _joined(one, other)
    pairs = _pairs(one, other)
    if not pairs:
        return joined
    whole = min(len(one.words), len(other.words))
    if len(pairs) < 2 and (whole > 1 or max(len(one.words), len(other.words)) > 1):
        return joined
    mine = _covered(one.words, {i: s for s, i, _ in pairs})
    theirs = _covered(other.words, {j: s for s, _, j in pairs})
    return max(joined, round(100 * (FULLER * max(mine, theirs) + (1 - FULLER) * min(mine, theirs))))


def _joined(one: Name, other: Name) -> int:
    """Names written together or apart: Abdul Rahman and Abdulrahman, Xi Jinping and Xi Jin Ping."""
    left, right = "".join(one.words), "".join(other.words)
    if min(len(left), len(right)) < 5:
        return 100 if left == right else 0
    if left == right:
        return 100
    if "".join(sorted(one.words)) == "".join(sorted(other.words)):
        return 100
    found = JaroWinkler.normalized_similarity(left, right, prefix_weight=0.05, score_cutoff=0.93)
    return round(100 * found) if abs(len(left) - len(right)) <= 2 else 0


def _pairs(one: Name, other: Name) -> list[tuple[float, int, int]]:
    found = []
    bare = one.is_abjad or other.is_abjad
    for i, word in enumerate(one.words):
        for j, second in enumerate(other.words):
            score = alike_words(word, second, bare=bare)
            if score:
                found.append((score, i, j))
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    taken_one: set[int] = set()
    taken_other: set[int] = set()
    pairs = []
    for score, i, j in found:
        if i not in taken_one and j not in taken_other:
            pairs.append((score, i, j))
            taken_one.add(i)
            taken_other.add(j)
    return pairs


@lru_cache(maxsize=500_000)
def alike_words(word: str, other: str, *, bare: bool = False) -> float:
    """0 unless two words may be the same: equal, an initial, the same sounds, a slip in four letters, two in seven.

    bare: one of them is written without vowels, so that equal consonants are enough.
    """
    if word == other:
        return 1.0
    if len(word) == 1 or len(other) == 1:
        return INITIAL if word[0] == other[0] else 0.0
    if _sounds(word) == _sounds(other):
        return SKELETON
    bones, others = skeleton(word), skeleton(other)
    if bones == others:
        if bare and len(bones) > 1:
            return SKELETON
        alike: float = JaroWinkler.normalized_similarity(word, other)
        if len(bones) >= LONG_SKELETON - 1 and alike >= SAME_SOUND:
            return SKELETON
    short = min(len(word), len(other))
    if short <= SHORT_WORD:
        return 0.0
    slips = OSA.distance(word, other, score_cutoff=2)
    if slips > (2 if short >= LONG_WORD else 1):
        return 0.0
    return 1.0 - slips / (short + 1)


def _sounds(word: str) -> str:
    for spelt, sound in VOWEL_PAIRS:
        word = word.replace(spelt, sound)
    return word


def _covered(words: Sequence[str], scores: dict[int, float]) -> float:
    """Share of a name's letters that met a word of the other, by how well."""
    weights = [min(len(word), 6) for word in words]
    return sum(scores.get(i, 0.0) * weight for i, weight in enumerate(weights)) / sum(weights)


def word_keys(bones: str) -> set[str]:
    """What a word is found by: its consonants, and the same with each one left out."""
    if len(bones) < LONG_SKELETON:
        return {bones}
    return {bones, *(bones[:i] + bones[i + 1 :] for i in range(len(bones)))}


class NameIndex:
    """Names by their words, so that a name is compared with those that may be alike and not with all.

    A name is looked at when two of its words are like two of the other's, or when both are the same as one word.
    """

    def __init__(self, names: Iterable[str], *, most: int = 200) -> None:
        self.names = [read_name(text) for text in names]
        self.most = most
        self.of_word: dict[str, list[int]] = {}
        self.joined: dict[str, list[int]] = {}
        for number, name in enumerate(self.names):
            for word in set(name.words):
                self.of_word.setdefault(word, []).append(number)
            for key in _whole_keys(name):
                self.joined.setdefault(key, []).append(number)
        self.by_key: dict[str, list[str]] = {}
        for word in self.of_word:
            for key in word_keys(skeleton(word)):
                self.by_key.setdefault(key, []).append(word)
        self._known: dict[str, list[str]] = {}

    def find(self, text: str, threshold: int) -> list[tuple[int, int]]:
        """(score, number of the name) of every name at least so alike, the most alike first."""
        name = read_name(text)
        found = [(likeness(name, self.names[number]), number) for number in self._candidates(name)]
        return sorted((pair for pair in found if pair[0] >= threshold), key=lambda pair: (-pair[0], pair[1]))

    def _candidates(self, name: Name) -> list[int]:
        full = {word for word in name.words if len(word) > 1}
        needed = 2 if len(full) > 1 else 1
        hits: Counter[int] = Counter()
        for word in full:
            hits.update({number for alike in self._alike(word) for number in self.of_word[alike]})
        found = [number for number, count in hits.items() if count >= needed]
        if len(found) > self.most:
            found = sorted(found, key=lambda number: (-hits[number], len(self.names[number].words), number))
        same = {number for key in _whole_keys(name) for number in self.joined.get(key, ())}
        return [*same, *(number for number in found[: self.most] if number not in same)]

    def _alike(self, word: str) -> list[str]:
        """The listed words that may be this one; kept, because names share their words."""
        if word not in self._known:
            bones = skeleton(word)
            near = {other for key in word_keys(bones) for other in self.by_key.get(key, ())}
            self._known[word] = sorted(other for other in near if alike_words(word, other, bare=True))
        return self._known[word]


def _whole_keys(name: Name) -> set[str]:
    return {skeleton("".join(name.words)), skeleton("".join(sorted(name.words)))}
