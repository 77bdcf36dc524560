"""Files written as markup: XML as a tree, tables that spreadsheets save as XML or that pages export as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.parsers import expat

from entrepot.domains.channels.adapters.tables import FileRefused

DEEPEST = 200


@dataclass
class Element:
    """One element: its name without a prefix, its attributes by theirs, its own text and what stands in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Element] = field(default_factory=list)
    is_read: bool = False

    def all(self, name: str) -> Iterator[Element]:
        """Elements of a name, at any depth, in the file's order."""
        for each in self.inside:
            if each.name == name:
                yield each
            yield from each.all(name)

    def first(self, *names: str) -> Element | None:
        """The first element directly in this one that has one of the names."""
        return next((each for name in names for each in self.inside if each.name == name), None)

    def said(self, *names: str) -> str:
        """The text of the first of them; '' without one."""
        found = self.first(*names)
        return found.words() if found else ""

    def words(self) -> str:
        """Its own text, which was read from now on."""
        self.is_read = True
        return self.text.strip()


def xml_tree(text: str) -> Element:
    """The root of an XML file. Errors: FileRefused (file.xml) when it is broken or declares entities of its own."""
    root = Element("", {})
    open_ones = [root]
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_ones) > DEEPEST:
            raise FileRefused("file.xml", f"{name}: {len(open_ones)}")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        found = Element(name.rpartition(":")[2], plain)
        open_ones[-1].inside.append(found)
        open_ones.append(found)

    def said(text: str) -> None:
        open_ones[-1].text += text

    def refuse(name: str, *_rest: object) -> None:
        raise FileRefused("file.xml", f"DOCTYPE {name}")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_ones.pop()
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.strip(), True)
    except expat.ExpatError as error:
        raise FileRefused("file.xml", str(error)) from error
    return root.inside[0]


def sheet_of(root: Element) -> list[list[str]] | None:
    """Rows of the largest sheet of a workbook saved as XML (`Workbook`/`Worksheet`); None for any other XML."""
    if root.name != "Workbook":
        return None
    sheets = [[_cells(row) for row in sheet.all("Row")] for sheet in root.all("Worksheet")]
    return max(sheets, key=len, default=[])


def _cells(row: Element) -> list[str]:
    """Cells of a row; those left out before a numbered one are empty."""
    cells: list[str] = []
    for cell in row.inside:
        place = cell.attributes.get("Index", "")
        while place.isdigit() and len(cells) < min(int(place) - 1, 1_000):
            cells.append("")
        cells.append("".join(data.text for data in cell.all("Data")).strip())
    return cells


def html_rows(text: str) -> list[list[str]]:
    """Rows of the longest table of a page: what some platforms export under the name of a spreadsheet."""
    reader = _Tables()
    reader.feed(text)
    reader.close()
    return max(reader.tables, key=len, default=[])


class _Tables(HTMLParser):
    """Collects the cells of every table; a table within a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.open_ones: list[list[list[str]]] = []
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self.open_ones.append(self.tables[-1])
        elif self.open_ones and tag == "tr":
            self.open_ones[-1].append([])
        elif self.open_ones and tag in ("td", "th"):
            if not self.open_ones[-1]:
                self.open_ones[-1].append([])
            self.open_ones[-1][-1].append("")
            self.in_cell = True
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self.open_ones:
            self.open_ones.pop()
        elif tag in ("td", "th", "tr"):
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell and self.open_ones and self.open_ones[-1] and self.open_ones[-1][-1]:
            self.open_ones[-1][-1][-1] += data
