"""Commands of the channels room: take files in, import them, stop and resume, keep profiles."""

from __future__ import annotations

from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.models import ImportRun
from entrepot.domains.channels.services import generic, marketplace, olist, online_retail, sheets
from entrepot.domains.channels.services.accepting import (
    ChannelMissing,
    SkuUnknown,
    accept,
    ensure_account,
    forget_sku,
    map_sku,
)
from entrepot.domains.channels.services.connecting import (
    ConnectionInvalid,
    connect,
    open_account,
    opened,
    platform_of,
    reseal_all,
    set_state,
    test_connection,
)
from entrepot.domains.channels.services.files import pack_folder, receive_file
from entrepot.domains.channels.services.generic import (
    ColumnsMissing,
    Preview,
    delete_profile,
    save_profile,
)
from entrepot.domains.channels.services.hooks import HookUnknown
from entrepot.domains.channels.services.hooks import receive as receive_hook
from entrepot.domains.channels.services.hooks import work_off as work_off_hooks
from entrepot.domains.channels.services.letters import drop as drop_letter
from entrepot.domains.channels.services.marketplace import choose_account, recognise_file
from entrepot.domains.channels.services.pulling import ask_for, decide_new, due_runs, pull
from entrepot.domains.channels.services.pulling import stop as stop_pull
from entrepot.domains.channels.services.pushing import (
    record_prices,
    record_refund,
    record_stock,
    record_tracking,
    send_waiting,
    waiting_accounts,
)
from entrepot.domains.channels.services.refunding import count_returns_once
from entrepot.domains.channels.services.replaying import NotReplayable, replay
from entrepot.domains.channels.services.runs import (
    ImportBusy,
    Stage,
    Watch,
    is_under_way,
    queue_again,
    run_import,
    stop_import,
)
from entrepot.domains.channels.services.statements import statements_to_import
from entrepot.domains.channels.services.tables import (
    COLUMN_KINDS,
    all_problems,
    is_waiting_for_columns,
    needed_permission,
    preview_file,
    set_reading,
)

__all__ = [
    "COLUMN_KINDS",
    "KINDS",
    "ChannelMissing",
    "ColumnsMissing",
    "ConnectionInvalid",
    "FileRefused",
    "HookUnknown",
    "ImportBusy",
    "NotReplayable",
    "Preview",
    "SkuUnknown",
    "Watch",
    "accept",
    "all_problems",
    "ask_for",
    "choose_account",
    "connect",
    "count_returns_once",
    "decide_new",
    "delete_profile",
    "drop_letter",
    "due_runs",
    "ensure_account",
    "forget_sku",
    "import_file",
    "is_under_way",
    "is_waiting_for_columns",
    "map_sku",
    "needed_permission",
    "open_account",
    "opened",
    "pack_folder",
    "platform_of",
    "preview_file",
    "pull",
    "queue_again",
    "receive_file",
    "receive_hook",
    "recognise_file",
    "record_prices",
    "record_refund",
    "record_stock",
    "record_tracking",
    "replay",
    "reseal_all",
    "save_profile",
    "send_waiting",
    "set_reading",
    "set_state",
    "stages_of",
    "statements_to_import",
    "stop_import",
    "stop_pull",
    "test_connection",
    "waiting_accounts",
    "work_off_hooks",
]

KINDS: dict[str, tuple[Stage, ...]] = {
    online_retail.KIND: online_retail.STAGES,
    olist.KIND: olist.STAGES,
    generic.KIND: generic.STAGES,
    marketplace.KIND: marketplace.STAGES,
    **sheets.STAGES,
}


def stages_of(kind: str) -> list[str]:
    """The names of a kind's stages, in order."""
    return [stage.name for stage in KINDS[kind]]


def import_file(run: ImportRun, *, decide: bool = True, watch: Watch | None = None) -> ImportRun:
    """Carry out an import, or go on with one that was stopped, failed or killed; a finished one changes nothing."""
    return run_import(run, KINDS[run.kind], decide=decide, watch=watch)
