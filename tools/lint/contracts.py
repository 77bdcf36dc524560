"""The door between rooms, as a contract of import-linter: others come in by `services`, `queries` and `events` only."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOMS = "entrepot.domains"
DOOR = {"services", "queries", "events"}
# the bridge to the engine is built of every room's frames; the command line may also start jobs, read files and work
# out cases by the pure rules
ALSO = {
    "frames": {"frames"},
    "world": {"frames"},
    "config": {"adapters", "api", "frames", "jobs", "rules", "urls", "world"},
}


class DoorContract(Contract):
    """Each import that crosses from one room into another (or from above into a room) ends at a door."""

    type_name = "door"
    exceptions = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        known: set[str] = self.exceptions or set()  # type: ignore[assignment]
        through_walls = {
            f"{importer} -> {imported}"
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if is_through_wall(importer, imported)
        }
        return ContractCheck(
            kept=through_walls == known,
            metadata={"new": sorted(through_walls - known), "gone": sorted(known - through_walls)},
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["new"]:
            output.print_error(f"through a wall: {line}")
        for line in check.metadata["gone"]:
            output.print_error(f"exception no longer needed, take it out: {line}")


def is_through_wall(importer: str, imported: str) -> bool:
    """`orders.services -> ledger.models` does; an import of `ledger.services`, or inside a room, does not."""
    room, part = _place(imported)
    if not room:
        return False
    own_room, own_part = _place(importer)
    if own_room == room:
        return False
    side = own_part if own_room else importer.split(".")[1]
    return part not in DOOR | ALSO.get(side, set())


def _place(module: str) -> tuple[str, str]:
    """(room, part) of a module; ("", "") outside the rooms."""
    if not module.startswith(f"{ROOMS}."):
        return "", ""
    room, _, rest = module.removeprefix(f"{ROOMS}.").partition(".")
    return room, rest.split(".")[0]
