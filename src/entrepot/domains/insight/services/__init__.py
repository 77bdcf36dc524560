"""Commands of the room: export the marts, set goals, ask one's own questions, send reports."""

from entrepot.domains.insight.services.marts import (
    ExportBusy,
    abandoned_exports,
    export_marts,
    start_export,
    stop_export,
)

__all__ = ["ExportBusy", "abandoned_exports", "export_marts", "start_export", "stop_export"]
