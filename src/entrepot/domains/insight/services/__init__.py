"""Commands of the room: export the marts, set goals, ask one's own questions, send reports."""

from entrepot.domains.insight.services.asking import (
    Answer,
    Limits,
    NoMarts,
    QueryRefused,
    QueryStopped,
    ask,
    delete_query,
    save_query,
    stop_query,
)
from entrepot.domains.insight.services.goals import GoalWish, NotEntered, delete_goal, enter_reading, set_goal
from entrepot.domains.insight.services.marts import (
    ExportBusy,
    abandoned_exports,
    export_marts,
    start_export,
    stop_export,
)

__all__ = [
    "Answer",
    "ExportBusy",
    "GoalWish",
    "Limits",
    "NoMarts",
    "NotEntered",
    "QueryRefused",
    "QueryStopped",
    "abandoned_exports",
    "ask",
    "delete_goal",
    "delete_query",
    "enter_reading",
    "export_marts",
    "save_query",
    "set_goal",
    "start_export",
    "stop_export",
    "stop_query",
]
