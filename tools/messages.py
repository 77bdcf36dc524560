"""Translations without gettext's programs: find every text, compare with the Chinese catalogues, compile them.

    python tools/messages.py            compile each django.po into django.mo
    python tools/messages.py --check    fail on a text without translation, a fuzzy or stale one, one with other
                                        placeholders, and two translations of one text
    python tools/messages.py --update   add missing texts to the catalogues, empty, and drop what nothing says

A text belongs to the room (or to `web`, `core`) in which it stands; each has its own catalogue.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/entrepot"
LANGUAGE = "zh_Hans"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")
LITERAL = re.compile(r"""_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
FUNCTIONS = {  # name → positions of (context, singular, plural) among the arguments
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}


@dataclass(frozen=True)
class Text:
    """A text to translate, and the place where it was found."""

    msgid: str
    context: str | None = None
    plural: str | None = None
    place: str = field(default="", compare=False)

    @property
    def key(self) -> str | tuple[str, str]:
        return (self.msgid, self.plural) if self.plural else self.msgid


def texts_in_python(source: str, place: str) -> Iterator[Text]:
    """Literal arguments of gettext's functions."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in FUNCTIONS:
            continue
        found = [_literal(node.args, position) for position in FUNCTIONS[name]]
        if found[1] is not None:
            yield Text(found[1], found[0], found[2], f"{place}:{node.lineno}")


def texts_in_template(source: str, place: str) -> Iterator[Text]:
    """`{% translate %}`, `{% blocktranslate %}` and `_("…")` inside tags and variables."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        where = f"{place}:{token.lineno}"
        if token.token_type not in {TokenType.BLOCK, TokenType.VAR}:
            continue
        words = list(smart_split(token.contents))
        tag = words[0] if words and token.token_type == TokenType.BLOCK else ""
        if tag in {"translate", "trans"}:
            yield Text(_unquote(words[1]), _context(words), place=where)
        elif tag in {"blocktranslate", "blocktrans"}:
            yield _block_text(words, tokens, where)
        else:
            yield from (Text(_unquote(literal), place=where) for literal in LITERAL.findall(token.contents))


def _block_text(words: list[str], tokens: Iterator[Token], place: str) -> Text:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            parts[-1].append(token.contents.replace("%", "%%"))
        elif token.token_type == TokenType.VAR:
            parts[-1].append(f"%({token.contents})s")
        elif token.contents == "plural":
            parts.append([])
        elif token.contents.startswith("endblocktrans"):
            break
    joined = ["".join(part) for part in parts]
    if "trimmed" in words:
        joined = [trim_whitespace(part) for part in joined]
    return Text(joined[0], _context(words), joined[1] if len(joined) > 1 else None, place)


def _literal(arguments: list[ast.expr], position: int | None) -> str | None:
    if position is None or position >= len(arguments):
        return None
    node = arguments[position]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _unquote(word: str) -> str:
    return str(ast.literal_eval(word)) if word[:1] in {"'", '"'} else word


def _context(words: list[str]) -> str | None:
    return _unquote(words[words.index("context") + 1]) if "context" in words else None


def rooms() -> list[Path]:
    """Every folder with an own catalogue."""
    return sorted(path.parent for path in PACKAGE.rglob("apps.py"))


def texts_of(room: Path) -> dict[tuple[str | None, str], Text]:
    """All texts of a room, each once, with the first place it stands at."""
    found: dict[tuple[str | None, str], Text] = {}
    for path in sorted([*room.rglob("*.py"), *room.rglob("*.html"), *room.rglob("*.txt")]):
        if "migrations" in path.parts or "static" in path.parts:
            continue
        read = texts_in_python if path.suffix == ".py" else texts_in_template
        for text in read(path.read_text("utf-8"), str(path.relative_to(ROOT))):
            if text.msgid:
                found.setdefault((text.context, text.msgid), text)
    return found


def catalogue_path(room: Path) -> Path:
    return room / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read_catalogue(room: Path) -> Catalog:
    path = catalogue_path(room)
    if not path.exists():
        return Catalog(locale=LANGUAGE, domain="django", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, domain="django")


def faults_of(room: Path) -> Iterator[str]:
    """What is missing or wrong in a room's catalogue."""
    catalogue = read_catalogue(room)
    for text in texts_of(room).values():
        message = catalogue.get(text.key, context=text.context)
        if message is None and text.plural is None:
            message = catalogue.get(text.msgid, context=text.context)
        strings = (
            [message.string]
            if message and isinstance(message.string, str)
            else list(message.string)
            if message
            else []
        )
        if message is None or not strings or not all(strings):
            yield f"{text.place}: no Chinese for {text.msgid!r}"
        elif message.fuzzy:
            yield f"{text.place}: the Chinese for {text.msgid!r} is marked fuzzy"
        elif any(_placeholders(string) - _placeholders(text.msgid, text.plural) for string in strings):
            yield f"{text.place}: the Chinese for {text.msgid!r} has placeholders of its own"
        elif text.plural is None and _placeholders(text.msgid) - _placeholders(strings[0]):
            yield f"{text.place}: the Chinese for {text.msgid!r} lacks a placeholder"


def stale(room: Path) -> Iterator[str]:
    """Entries that no text of the room asks for; they would still outshine another room's."""
    for message in _unsaid(read_catalogue(room), texts_of(room)):
        yield f"{catalogue_path(room).relative_to(ROOT)}: nothing says {message.id!r} any more (--update drops it)"


def _unsaid(catalogue: Catalog, texts: dict[tuple[str | None, str], Text]) -> list[Message]:
    said = {(text.context or None, text.msgid) for text in texts.values()}
    first = [(message, message.id if isinstance(message.id, str) else message.id[0]) for message in catalogue]
    return [message for message, msgid in first if msgid and (message.context or None, msgid) not in said]


def disputes() -> Iterator[str]:
    """Texts that two rooms translate differently: readers see one of them everywhere, so a context must part them."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for room in rooms():
        for message in read_catalogue(room):
            if isinstance(message.id, str) and message.id:
                key = (message.context or "", message.id)
                found.setdefault(key, {})[str(message.string)] = room.name
    for (_context, msgid), said in sorted(found.items()):
        if len(said) > 1:
            words = ", ".join(f"{text} ({room})" for text, room in said.items())
            yield f"{msgid!r} is said in several ways: {words}"


def _placeholders(*texts: str | None) -> set[str]:
    return {found for text in texts if text for found in PLACEHOLDER.findall(text)}


def update(room: Path) -> int:
    """Add what is missing, with an empty translation, and drop what nothing says; the number of new entries."""
    texts, catalogue = texts_of(room), read_catalogue(room)
    missing = [text for text in texts.values() if catalogue.get(text.key, context=text.context) is None]
    gone = _unsaid(catalogue, texts)
    if not missing and not gone:
        return 0
    for text in missing:
        catalogue.add(text.key, context=text.context)
    for message in gone:
        catalogue.delete(message.id, message.context)
    path = catalogue_path(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, no_location=True, omit_header=True)
    return len(missing)


def compile_all() -> int:
    """Write the binary catalogues that Django reads; only those whose text is newer."""
    count = 0
    for path in sorted(PACKAGE.rglob(f"locale/{LANGUAGE}/LC_MESSAGES/django.po")):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        with path.open("rb") as source, target.open("wb") as file:
            write_mo(file, read_po(source, locale=LANGUAGE))
        count += 1
    return count


def main(arguments: list[str]) -> int:
    """Command line; 1 when something is untranslated."""
    parser = argparse.ArgumentParser(description="Translations")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--update", nargs="*", metavar="ROOM")
    options = parser.parse_args(arguments)
    if options.check:
        faults = [fault for room in rooms() for fault in (*faults_of(room), *stale(room))]
        faults += disputes()
        print("\n".join(faults) if faults else f"translations complete in {len(rooms())} catalogues")
        return 1 if faults else 0
    if options.update is not None:
        for room in rooms():
            if not options.update or room.name in options.update:
                print(f"{room.name}: {update(room)} new")
        return 0
    print(f"{compile_all()} catalogues compiled")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
