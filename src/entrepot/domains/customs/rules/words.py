"""The words of a description that say what goods are: small letters, no plurals, nothing that is only grammar."""

from __future__ import annotations

import re

STOP = frozenset({
    "a", "adult", "all", "an", "and", "any", "are", "as", "be", "beige", "black", "blue", "brown", "but", "by",
    "chapter", "collapsible", "color", "colour", "eg", "elsewhere", "etc", "exceeding", "excl", "excluding",
    "foldable", "for", "from", "gray", "green", "grey", "having", "heading", "headings", "in", "incl", "included",
    "including", "is", "item", "its", "kind", "kinds", "large", "less", "medium", "mini", "more", "navy", "nec",
    "new", "no", "not", "of", "on", "or", "other", "pack", "pc", "pcs", "piece", "pink", "portable", "purple", "red",
    "set", "size", "small", "specified", "style", "subheading", "subheadings", "such", "than", "that", "the",
    "their", "therefor", "thereof", "thereto", "to", "use", "used", "when", "whether", "which", "whichever", "white",
    "with", "xl", "xs", "xxl", "xxs", "yellow",
})  # fmt: skip
APART = re.compile(r"\(excl[^)]*\)?|\bexcl\..*|\b(?:other than|excluding|except|not including)\b[^,;]*")
WORD = re.compile(r"[a-z]+|\d+")
LIMITS = (  # limits decide between neighbours, and every tariff words them otherwise
    (re.compile(r"<=|≤|\b(?:not (?:exceeding|over|more than)|or less|up to|maximum)\b"), "atmost"),
    (re.compile(r">=|≥|\b(?:not less than|or more|at least|minimum)\b"), "atleast"),
    (re.compile(r">|\b(?:exceeding|over|more than)\b"), "morethan"),
    (re.compile(r"<|\b(?:less than|under|below)\b"), "lessthan"),
)
PLURALS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"))
SHORTEST = 3


def singular(word: str) -> str:
    """`batteries` and `battery` become one word, `glass` stays what it is."""
    for ending, instead in PLURALS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > SHORTEST else word


def words_of(text: str) -> list[str]:
    """The telling words of an English description, in order; what it says it is not is left out."""
    text = text.lower().replace("n.e.c.", " ")
    for pattern, sign in LIMITS:
        text = pattern.sub(f" {sign} ", text)
    text = APART.sub(" ", text)
    return [singular(word) for word in WORD.findall(text) if word not in STOP]
