"""From a description to a code: BM25 over the nomenclature, a Chinese lexicon of trade words, a measured confidence."""

from __future__ import annotations

import csv
import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import exp
from typing import Any

import bm25s  # type: ignore[import-untyped]
import numpy as np

from entrepot.domains.customs.rules.words import words_of

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index it builds
DATA = resources.files("entrepot.domains.customs") / "data"
HAN = re.compile(r"[\u3400-\u9fff]+")
CODE = re.compile(r"\d{4,10}|\d{4}(?:\.\d{2,4})+")
SEEN = 10
HINTED = 3  # place among the features
A_TITLE = 8  # longer English texts speak the tariff's own language: trade words are not looked up in them


@dataclass(frozen=True)
class Suggestion:
    """A six-digit code for a description, how sure it is (ppm), and the words that led to it."""

    code: str
    confidence_ppm: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """A word of the trade: Chinese, English ways to say it, the words of the nomenclature, where it leads."""

    zh: str
    en: tuple[str, ...]
    words: tuple[str, ...]
    prefix: str


@dataclass(frozen=True)
class Query:
    """A description made ready: words of the nomenclature, and the codes its trade words lead to with their weight."""

    words: tuple[str, ...]
    hints: Mapping[str, float]


class Lexicon:
    """Trade words, Chinese and English, from the shipped table."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.by_zh = {term.zh: term for term in terms}
        self.by_en: dict[tuple[str, ...], Term] = {}
        for term in terms:
            for phrase in term.en:
                self.by_en.setdefault(tuple(words_of(phrase)) or (phrase,), term)
        self.longest = max(map(len, self.by_en), default=1)
        self._cutter: Any = None

    def query(self, text: str) -> Query:
        """A description in English, Chinese or both as words of the nomenclature."""
        found: list[str] = []
        hints: dict[str, float] = {}
        english = words_of(HAN.sub(" ", text))
        if sum(word.isalpha() for word in english) <= A_TITLE:
            self._phrases(english, hints, found)
        chinese = [word for part in HAN.findall(text) for word in self._cut(part)]
        terms = [term for word in chinese if (term := self.by_zh.get(word))]
        for order, term in enumerate(terms, start=1):
            found.extend(term.words)
            hints[term.prefix] = max(hints.get(term.prefix, 0.0), float(order**2))
        found.extend(english)
        total = max(1.0, sum(weight for prefix, weight in hints.items() if prefix))
        shares = {prefix: weight / total for prefix, weight in hints.items() if prefix}
        return Query(tuple(dict.fromkeys(found)), shares)

    def _phrases(self, english: list[str], hints: dict[str, float], found: list[str]) -> None:
        """The longest known phrases, the last ones counting most: the noun stands at the end."""
        place, order = 0, 0
        while place < len(english):
            for length in range(min(self.longest, len(english) - place), 0, -1):
                term = self.by_en.get(tuple(english[place : place + length]))
                if term:
                    order += 1
                    hints[term.prefix] = max(hints.get(term.prefix, 0.0), float(order**2 * length))
                    found.extend(term.words)
                    place += length - 1
                    break
            place += 1

    def _cut(self, text: str) -> list[str]:
        if self._cutter is None:
            self._cutter = _cutter(self.by_zh)
        return [str(word) for word in self._cutter.cut(text, HMM=False)]


class HsIndex:
    """The nomenclature made searchable; a few milliseconds a question once it stands."""

    def __init__(
        self,
        descriptions: Mapping[str, str],
        *,
        lexicon: Lexicon | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.codes = sorted(code for code in descriptions if len(code) == 6)  # HS subheadings
        self.lexicon = lexicon or shipped_lexicon()
        self.weights = dict(weights or shipped_weights())
        texts = {
            "own": [words_of(descriptions[code]) for code in self.codes],
            "heading": [words_of(descriptions.get(code[:4], "")) for code in self.codes],
        }
        self.models = {name: _model(lines) for name, lines in texts.items() if any(lines)}

    def suggest(self, text: str, *, limit: int = 3, apart: Sequence[str] = ()) -> list[Suggestion]:
        """The likeliest codes of a description, best first; `apart` are codes not to suggest.

        Nothing is suggested for a text without any known word.
        """
        query = self.lexicon.query(text)
        scores, ideal = self._scores(query)
        if not scores.any():
            return []
        for code in apart:
            place = int(np.searchsorted(self.codes, code))
            if place < len(self.codes) and self.codes[place] == code:
                scores[place] = 0
        order = np.argsort(-scores, kind="stable")[: max(limit, SEEN)]
        best = [(self.codes[int(n)], scores[int(n)].item()) for n in order if scores[int(n)] > 0]
        return [
            Suggestion(code, self._confidence(number, best, ideal, query), query.words)
            for number, (code, _score) in enumerate(best[:limit])
        ]

    def features(self, number: int, best: Sequence[tuple[str, Any]], ideal: Any, query: Query) -> list[Any]:
        """What the confidence is computed from: a constant, how much of the question is met, the lead, the hint."""
        score = best[number][1]
        rival = max((other for n, (_code, other) in enumerate(best) if n != number), default=0)
        hinted = max((s for p, s in query.hints.items() if best[number][0].startswith(p)), default=0)
        return [1, score / ideal, (score - rival) / best[0][1], hinted, 1 / (1 + len(query.words))]

    def ranked(self, text: str) -> tuple[list[tuple[str, Any]], Any, Query]:
        """Codes with their scores, best first, for measuring and calibrating."""
        query = self.lexicon.query(text)
        scores, ideal = self._scores(query)
        order = np.argsort(-scores, kind="stable")[:SEEN]
        return (
            [(self.codes[int(n)], scores[int(n)].item()) for n in order if scores[int(n)] > 0],
            ideal,
            query,
        )

    def _confidence(self, number: int, best: Sequence[tuple[str, Any]], ideal: Any, query: Query) -> int:
        values = self.features(number, best, ideal, query)
        total = sum(value * self.weights[f"confidence_{n}"] for n, value in enumerate(values))
        share = 1 / (1 + exp(-max(-30, min(30, total))))
        if query.hints:
            share = min(
                share, self.weights["hint_ceiling"] * max(values[HINTED], self.weights["unknown_ceiling"])
            )
        elif any(word not in self.models["own"].vocab_dict for word in query.words):
            share = min(share, self.weights["unknown_ceiling"])  # a word nobody knows may be the very goods
        return round(1_000_000 * share)

    def _scores(self, query: Query) -> tuple[Any, Any]:
        total = np.zeros(len(self.codes))
        ideal = 1e-9
        for name, model in self.models.items():
            known = [word for word in query.words if word in model.vocab_dict]
            if known:
                total += self.weights[name] * model.get_scores(known)
        own = self.models["own"]
        for word in query.words:
            ideal += self.weights["ideal"] if word in own.vocab_dict else self.weights["unknown"]
        for prefix, share in query.hints.items():
            first, last = np.searchsorted(self.codes, [prefix, prefix + "~"])
            total[first:last] += self.weights["hint"] * share
        return total, ideal


def shipped_lexicon() -> Lexicon:
    """The trade words that come with the program (source: own)."""
    with (DATA / "trade_terms.csv").open("r", encoding="utf-8") as file:
        return Lexicon(
            [
                Term(
                    row["zh"],
                    tuple(phrase for phrase in row["en"].split(";") if phrase),
                    tuple(words_of(row["words"])),
                    row["hs_prefix"],
                )
                for row in csv.DictReader(file)
            ]
        )


def shipped_weights() -> dict[str, float]:
    """Weights of the fields and of the confidence, as measured (docs/methods/tariffs.md)."""
    with (DATA / "hs_confidence.csv").open("r", encoding="utf-8") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def _model(lines: Sequence[Sequence[str]]) -> Any:
    model = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
    model.index([list(line) or ["\u0000"] for line in lines], show_progress=False)
    return model


def _cutter(words: Mapping[str, Term]) -> Any:
    """jieba with our words as its whole dictionary, longer ones likelier than the sum of their parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn about
        import jieba  # type: ignore[import-untyped]
    cutter = jieba.Tokenizer()
    cutter.FREQ = {}
    cutter.total = 0
    cutter.initialized = True
    for word in words:
        weight = 10 ** min(3 * len(word), 15)
        cutter.FREQ[word] = weight
        cutter.total += weight
        for end in range(1, len(word)):
            cutter.FREQ.setdefault(word[:end], 0)
    return cutter
