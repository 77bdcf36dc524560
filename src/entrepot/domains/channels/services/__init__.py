"""Commands of the channels room: take files in, import them, stop and resume, keep profiles."""

from __future__ import annotations

from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services import generic, olist, online_retail
from entrepot.domains.channels.services.accepting import (
    ChannelMissing,
    SkuUnknown,
    accept,
    forget_sku,
    map_sku,
)
from entrepot.domains.channels.services.files import pack_folder, receive_file
from entrepot.domains.channels.services.generic import (
    ColumnsMissing,
    Preview,
    all_problems,
    delete_profile,
    preview_file,
    save_profile,
    set_reading,
)
from entrepot.domains.channels.services.runs import (
    ImportBusy,
    Stage,
    Watch,
    is_under_way,
    queue_again,
    run_import,
    stop_import,
)

__all__ = [
    "KINDS",
    "ChannelMissing",
    "ColumnsMissing",
    "FileRefused",
    "ImportBusy",
    "Preview",
    "SkuUnknown",
    "Watch",
    "accept",
    "all_problems",
    "delete_profile",
    "forget_sku",
    "import_file",
    "is_under_way",
    "map_sku",
    "pack_folder",
    "preview_file",
    "queue_again",
    "receive_file",
    "save_profile",
    "set_reading",
    "stages_of",
    "stop_import",
]

KINDS: dict[str, tuple[Stage, ...]] = {
    online_retail.KIND: online_retail.STAGES,
    olist.KIND: olist.STAGES,
    generic.KIND: generic.STAGES,
}


def stages_of(kind: str) -> list[str]:
    """The names of a kind's stages, in order."""
    return [stage.name for stage in KINDS[kind]]


def import_file(run: ImportRun, *, decide: bool = True, watch: Watch | None = None) -> ImportRun:
    """Carry out an import, or go on with one that was stopped, failed or killed; a finished one changes nothing."""
    return run_import(run, KINDS[run.kind], decide=decide, watch=watch)
