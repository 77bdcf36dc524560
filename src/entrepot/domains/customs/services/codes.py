"""Choose the code of a SKU: binding until somebody chooses another; a suggestion never touches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.catalog import services as catalog
from entrepot.domains.customs.models import CodeChoice, CodeRefusal, HsCode
from entrepot.domains.customs.queries import CodeState, code_state, in_force
from entrepot.domains.customs.rules import BadCode, goods_code

LEAST_DIGITS = 6


class CodeRefused(ValueError):
    """A code that cannot be chosen: `reason` is damaged, short, unknown or expired; `state` says what holds instead."""

    def __init__(self, reason: str, state: CodeState | None = None) -> None:
        super().__init__(reason)
        self.reason, self.state = reason, state


@dataclass(frozen=True)
class Choice:
    """What somebody chooses: the SKU, the code, for which country ('' everywhere), why, and a ruling's number."""

    sku: str
    code: str
    country: str = ""
    reason: str = ""
    ruling: str = ""


@transaction.atomic
def choose_code(choice: Choice, actor: Actor = None) -> CodeChoice:
    """Make a code the SKU's own; the one chosen before is kept as replaced.

    Errors: CodeRefused for a damaged, unknown or expired code.
    """
    code = _checked(choice)
    now = timezone.now()
    CodeChoice.objects.select_for_update().filter(
        sku=choice.sku, country=choice.country, replaced_at=None
    ).update(replaced_at=now)
    row = CodeChoice.objects.create(
        sku=choice.sku,
        country=choice.country,
        code=code,
        version=_edition(code),
        reason=choice.reason,
        ruling=choice.ruling,
        chosen_by_id=getattr(actor, "pk", None),
        chosen_at=now,
    )
    if not choice.country:
        catalog.set_hs_code(choice.sku, code)
    audit.record(
        actor,
        "customs.choose_code",
        f"sku:{choice.sku}",
        code=code,
        country=choice.country,
        why=choice.reason,
    )
    return row


@transaction.atomic
def choose_codes(choices: Sequence[Choice], actor: Actor = None) -> list[CodeChoice]:
    """The same for several SKUs, all or none.

    Errors: CodeRefused as in `choose_code`.
    """
    return [choose_code(choice, actor) for choice in choices]


@transaction.atomic
def suggest_code(sku: str, code: str) -> bool:
    """Take a suggestion over for a SKU nobody chose a code for; False where somebody did."""
    if CodeChoice.objects.filter(sku=sku, country="", replaced_at=None).exists():
        return False
    catalog.set_hs_code(sku, _checked(Choice(sku, code)))
    return True


@transaction.atomic
def refuse_code(sku: str, code: str, actor: Actor = None) -> None:
    """Say that a suggestion is wrong for a SKU; it is not made again."""
    CodeRefusal.objects.get_or_create(
        sku=sku, code=code, defaults={"refused_by_id": getattr(actor, "pk", None)}
    )
    audit.record(actor, "customs.refuse_code", f"sku:{sku}", code=code)


def _checked(choice: Choice) -> str:
    try:
        code = goods_code(choice.code)
    except BadCode as error:
        raise CodeRefused("damaged") from error
    if len(code) < LEAST_DIGITS:
        raise CodeRefused("short")
    state = code_state(code, choice.country)
    if not state.is_valid:
        raise CodeRefused("expired" if state.is_known else "unknown", state)
    return code


def _edition(code: str) -> str:
    row = HsCode.objects.filter(in_force(timezone.localdate()), code=code[:LEAST_DIGITS]).first()
    return f"{row.source.partition(',')[0]} ({row.valid_from})" if row else ""
