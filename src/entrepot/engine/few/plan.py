"""Plans: recorded expressions written out once as a plain Python function that works on one row after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from entrepot.engine.few.values import METHODS, Values, cast, plain_kind

Plan = Callable[[Mapping[str, Values], int], tuple[Values, ...]]
RowsPlan = Callable[[Mapping[str, Values], int], dict[str, Values]]
KNOWN = "None if {null} else "
# Where one side is plain and known, the test for null is left out.
WRITTEN = {
    "__add__": "{0} + {1}", "__radd__": "{1} + {0}", "__sub__": "{0} - {1}", "__rsub__": "{1} - {0}",
    "__mul__": "{0} * {1}", "__rmul__": "{1} * {0}", "__floordiv__": "{0} // {1} if {1} else None",
    "__rfloordiv__": "{1} // {0} if {0} else None", "__mod__": "{0} % {1} if {1} else None", "__eq__": "{0} == {1}",
    "__ne__": "{0} != {1}", "__lt__": "{0} < {1}", "__le__": "{0} <= {1}", "__gt__": "{0} > {1}",
    "__ge__": "{0} >= {1}", "__neg__": "-{0}", "abs": "abs({0})", "sign": "({0} > 0) - ({0} < 0)",
    "__invert__": "not {0}",
}  # fmt: skip
LOGIC = {
    "__and__": ("False", "{0} & {1}"), "__rand__": ("False", "{0} & {1}"), "__or__": ("True", "{0} | {1}"),
    "__ror__": ("True", "{0} | {1}"),
}  # fmt: skip
BY_ROW = {
    *WRITTEN, *LOGIC, "fill_null", "cast", "clip", "is_null", "is_not_null", "to_physical", "replace_strict",
    "map_elements", "pow", "str.split", "str.len_chars", "str.extract", "str.slice", "list.contains", "list.get",
}  # fmt: skip
OPERATORS = ({*WRITTEN, *LOGIC} - {"abs", "sign", "__invert__", "__neg__"}) | {"fill_null"}
ALONG = {
    "shift",
    "cum_sum",
    "forward_fill",
    "backward_fill",
    "rank",
}  # as many values as rows, but not row by row
WHOLE = {"sum", "max", "min", "first", "any", "all", "null_count", "implode"}  # one value for all rows


class Writer:
    """Writes the statements of a plan, each expression once per branch in which it is needed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.given: dict[str, Any] = {"cast": cast}
        self.columns: dict[str, str] = {}
        self.along: dict[str, str] = {}
        self.before: list[str] = []
        self.count = 0

    def name(self) -> str:
        """A name not used yet."""
        self.count += 1
        return f"v{self.count}"

    def give(self, value: Any) -> str:
        """The name under which the plan finds an object."""
        if value is None or type(value) in (bool, int, str):
            return repr(value) if not (type(value) is int and value < 0) else f"({value})"
        name = f"g{len(self.given)}"
        self.given[name] = value
        return name

    def column(self, label: str) -> str:
        """The row's value of a column."""
        return self.columns.setdefault(label, f"c{len(self.columns)}")

    def from_all(self, term: Any, *, single: bool) -> str:
        """The row's value of a term that looks at all rows."""
        name, whole = self.name(), self.give(term)
        if single:
            self.before.append(f"{name} = {whole}.values(data, height)[0]")
        else:
            self.along[name] = f"{whole}.values(data, height)"
        return name

    def let(self, expression: str, depth: int) -> str:
        """A new name for a value."""
        name = self.name()
        self.lines.append(f"{'    ' * depth}{name} = {expression}")
        return name

    def known(self, expression: str, depth: int, *operands: str) -> str:
        """A value that is null where an operand is."""
        if "None" in operands:
            return self.let("None", depth)
        tests = [f"{operand} is None" for operand in dict.fromkeys(operands) if operand[0] in "vc"]
        return self.let(f"None if {' or '.join(tests)} else {expression}" if tests else expression, depth)

    def plan(self, outputs: Sequence[str]) -> Plan:
        """The function of what was written; its outputs in order, each a list."""
        places = [f"o{number}" for number in range(len(outputs))]
        plan: Plan = self._function(dict(zip(places, outputs, strict=True)), f"{', '.join(places)},")
        return plan

    def rows_plan(self, outputs: Sequence[tuple[str, str, str]]) -> RowsPlan:
        """As `plan`, a dictionary by name. Outputs: name, what it holds, and `row`, `alike` or `column`."""
        places: dict[str, str] = {}
        given = []
        for name, value, kind in outputs:
            if kind == "column":
                source = f"data[{value!r}]"
            elif kind == "alike":
                source = f"[{value}] * height"
            else:
                source = f"o{len(places)}"
                places[source] = value
            given.append(f"{name!r}: {source}")
        plan: RowsPlan = self._function(places, f"{{{', '.join(given)}}}")
        return plan

    def _function(self, outputs: Mapping[str, str], result: str) -> Any:
        rows = [*self.columns.values(), *self.along]
        sources = [f"data[{label!r}]" for label in self.columns] + list(self.along.values())
        text = ["def plan(data, height):"]
        text += [f"    {line}" for line in self.before]
        if outputs:
            text += [f"    {one} = []" for one in outputs]
            text.append(f"    for {', '.join(rows)}, in zip({', '.join(sources)}):")
            text += self.lines
            text += [f"        {one}.append({value})" for one, value in outputs.items()]
        text.append(f"    return {result}")
        found: dict[str, Any] = {}
        exec(compile("\n".join(text), "<plan>", "exec"), self.given, found)  # noqa: S102
        return found["plan"]


def written_call(
    writer: Writer, method: str, operands: Sequence[str], args: Sequence[Any], more: Any, depth: int
) -> str:
    """One row's value of a method that works row by row; args beside the operands they were written as."""
    if method in WRITTEN:
        return writer.known(WRITTEN[method].format(*operands), depth, *operands)
    one = operands[0]
    if method in LOGIC:
        wins, both = LOGIC[method]
        two = operands[1]
        test = f"{wins} if {one} is {wins} or {two} is {wins} else "
        return writer.let(f"{test}None if {one} is None or {two} is None else {both.format(one, two)}", depth)
    if method == "fill_null":
        return writer.let(f"{operands[1]} if {one} is None else {one}", depth)
    if method in ("is_null", "is_not_null"):
        return writer.let(f"{one} is {'not ' if 'not' in method else ''}None", depth)
    if method == "clip" and more.keys() == {"lower_bound"} and not args:
        least = writer.give(more["lower_bound"])
        return writer.known(f"{least} if {one} < {least} else {one}", depth, one)
    if method == "cast":
        if isinstance(args[0], pl.Enum) and more.get("strict", True):
            return one
        kind = plain_kind(args[0])
        if kind is not None:
            same = f"{one} is None or type({one}) is {kind.__name__ if kind in (int, str, bool) else writer.give(kind)}"
            return writer.let(
                f"{one} if {same} else cast([{one}], {writer.give(args[0])}, **{writer.give(more)})[0]", depth
            )
    run = writer.give(METHODS[method])
    given = [
        f"[{operand}]" if isinstance(arg, pl.Expr) else operand
        for operand, arg in zip(operands[1:], args, strict=True)
    ]
    return writer.let(f"{run}({', '.join([f'[{one}]', *given])}, **{writer.give(more)})[0]", depth)
