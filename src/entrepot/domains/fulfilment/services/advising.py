"""Advice: what could be done about the articles a scenario hurts; each with its effect, replayed, as a proposal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.core.frames import Frame
from entrepot.core.pages import in_language
from entrepot.domains.catalog.queries import country_names
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames import policy_text, policy_value
from entrepot.domains.fulfilment.frames import replaying as frames
from entrepot.domains.fulfilment.frames.legs import Supplied, supplied
from entrepot.domains.fulfilment.frames.replaying import Filter
from entrepot.domains.fulfilment.models import Proposal, ReplayRun
from entrepot.domains.fulfilment.queries import replay_cells
from entrepot.domains.fulfilment.services.replaying import question, result_parts
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics import queries as logistics
from entrepot.domains.warehouse.queries import warehouse_names
from entrepot.kernel.money import to_major

ARTICLES, PPM = 12, 1_000_000
QUIET = timedelta(minutes=10)
LEG_DAYS, LEG_LOAD = "logistics.first_leg_days", "logistics.first_leg_load_g"
ORIGINS = "advice.origins"
Effects = frames.Effects
_MODES = {
    "air": pgettext_lazy("first leg", "By air"),
    "sea": pgettext_lazy("first leg", "By sea"),
    "rail": pgettext_lazy("first leg", "By rail"),
    "road": pgettext_lazy("first leg", "By road"),
}


@transaction.atomic
def start_advice(run: ReplayRun, actor: Actor) -> bool:
    """Note that advice is being worked out; False where it is already, by somebody who still gets on with it."""
    now = timezone.now()
    free = Q(advising_at=None) | Q(advising_at__lt=now - QUIET)
    steps = 2 * len(result_parts(run)) + 2
    started = ReplayRun.objects.filter(free, pk=run.pk).update(
        advising_at=now,
        advice_done=0,
        advice_total=steps,
        advice_error="",
        advised_by_id=getattr(actor, "pk", None),
    )
    run.refresh_from_db()
    return bool(started)


def work_advice(run: ReplayRun) -> int:
    """Work out advice that was started; how many proposals help. A failure is noted and what stood before stands."""
    try:
        return advise(run, run.advised_by, lambda done: _moved_on(run, done))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"[:500]
        ReplayRun.objects.filter(pk=run.pk).update(advising_at=None, advice_error=text)
        raise


def abandoned_advice() -> list[ReplayRun]:
    """Replays whose advice was started and on which nothing has moved for a while: their workers are gone."""
    return list(ReplayRun.objects.filter(advising_at__lt=timezone.now() - QUIET).order_by("pk"))


def advise(run: ReplayRun, actor: Actor, on_step: Callable[[int], None] | None = None) -> int:
    """Work out, for the articles that lose most, what each thing one could do would bring; how many proposals help.

    Proposals decided already stay; open ones are worked out anew. Nothing else is changed.
    """
    steps, tell = count(1), on_step or (lambda done: None)
    cells = {cell.key[0]: cell for cell in replay_cells(run.pk, ("sku",))}
    hurt = _hurt(cells)
    rows: list[Proposal] = []
    if hurt:
        wish = frames.Advised(hurt, {sku: _needed(cells[sku]) for sku in hurt})
        found, _none = _effects(run, wish, lambda: tell(next(steps)), all_kinds=False)
        prices = {sku: _corrected(sku, wish.prices[sku], cells[sku], found) for sku in hurt}
        origins = policy_text(world.current(), ORIGINS).split()
        found, moved = _effects(run, frames.Advised(hurt, prices, origins), lambda: tell(next(steps)))
        supply = _supplied(run, moved)
        for sku, legs in supply.items():
            if (sku, "stock", "") in found:
                found[sku, "stock", ""] -= sum(leg.freight_minor + leg.customs_minor for leg in legs)
        tell(next(steps))
        _delist(run, [sku for sku in hurt if found.get((sku, "none", ""), 0) < 0], found)
        rows = _proposals(run, hurt, found, prices, cells, supply)
    with transaction.atomic():
        Proposal.objects.filter(run=run, state=Proposal.State.OPEN).delete()
        Proposal.objects.bulk_create(rows, ignore_conflicts=True)
        ReplayRun.objects.filter(pk=run.pk).update(
            advised_at=timezone.now(), advising_at=None, advice_error=""
        )
        audit.record(actor, "fulfilment.advise", f"replay:{run.pk}", proposals=len(rows))
    return len(rows)


def _hurt(cells: Mapping[str, Any]) -> list[str]:
    """The articles to advise on: those that lose most by it, then those that are sold at the greatest loss then."""
    found = [(min(cell.difference, 0), min(cell.profit_after, 0), sku) for sku, cell in cells.items()]
    return [sku for lost, loss, sku in sorted(found) if lost or loss][:ARTICLES]


def _moved_on(run: ReplayRun, done: int) -> None:
    ReplayRun.objects.filter(pk=run.pk).update(advice_done=done, advising_at=timezone.now())


@transaction.atomic
def decide_proposal(run: ReplayRun, proposal_id: int, state: str, actor: Actor) -> Proposal | None:
    """Note that a proposal is accepted or dismissed; None without such a one. Prices, stock and listings stay."""
    proposal = Proposal.objects.select_for_update().filter(run=run, pk=proposal_id).first()
    if proposal is None:
        return None
    proposal.state, proposal.decided_at = state, timezone.now()
    proposal.decided_by_id = getattr(actor, "pk", None)
    proposal.save()
    audit.record(
        actor, "fulfilment.decide_proposal", f"replay:{run.pk}",
        sku=proposal.sku, kind=proposal.kind, state=str(state), values=proposal.values,
    )  # fmt: skip
    return proposal


def proposal_words(proposal: Proposal) -> dict[str, str]:
    """What a proposal asks for, and what accepting it means."""
    values: dict[str, Any] = proposal.values
    kinds = {
        "reprice": (
            _("Raise the price by %(share)s %%.") % {"share": f"{values.get('change_ppm', 0) / 10_000:.2f}"},
            _("Margin as before, demand unchanged. Then: enter the new price in the listings."),
        ),
        "bundle": (
            _("Sell orders of several articles as one set under the code of its dearest article."),
            _("Fewer tariff lines. Then: have the code of the set confirmed, and list it."),
        ),
        "stock": (_("Keep it in a warehouse inside the buyers' customs area."), _supply_words(values)),
        "route": (
            _("Send each order the way that earns most from its warehouse."),
            _("Then: set the lanes' order under World, or open the better service."),
        ),
        "incoterm": (
            _("Sell on the terms %(term)s.") % {"term": values.get("incoterm", "")},
            _("Duty and tax change hands. Then: set the terms of the channel, and tell buyers."),
        ),
        "origin": (
            _("Buy it from %(country)s.") % {"country": _named(country_names(), values.get("origin", ""))},
            _("At the same cost of goods. Then: ask suppliers there for a quotation."),
        ),
        "delist": (
            _("Take it off sale."),
            _("Its orders are gone. Then: end the listings once stock is sold."),
        ),
    }
    what, then = kinds.get(proposal.kind, ("", ""))
    return {"what": what, "then": then, "kind": str(proposal.get_kind_display())}


def _named(names: Mapping[str, tuple[str, str]], code: str) -> str:
    """A name in the reader's language, with its code."""
    return f"{in_language(names[code])} ({code})" if code in names else code


def _needed(cell: Any) -> int:
    """First guess of the price change that brings the old margin back, in ppm of the price."""
    revenue = cell.sums["revenue_after"]
    margin = cell.margin_before or 0
    wanted = margin * revenue // PPM - cell.profit_after
    return max(wanted * PPM // revenue, 0) if revenue > 0 else 0


def _corrected(sku: str, guess: int, cell: Any, found: Effects) -> int:
    """The guess scaled by what it really brought: fees and taxes take their part of a higher price."""
    base, dearer = found.get((sku, "none", ""), 0), found.get((sku, "reprice", ""))
    if not guess or dearer is None or dearer <= base:
        return guess
    revenue, margin = cell.sums["revenue_after"], cell.margin_before or 0
    kept = (dearer - base) * PPM // max(revenue * guess // PPM, 1)  # of each unit of price, what is left
    wanted = margin * revenue // PPM - base
    left = kept - margin
    return max(wanted * PPM // revenue * PPM // left, 0) if left > 0 else guess


def _effects(
    run: ReplayRun, wish: frames.Advised, tell: Callable[[], None], *, all_kinds: bool = True
) -> tuple[Effects, list[Frame]]:
    """Profit by article, kind and detail, over all worlds of the run; and what goods would move near their buyers."""
    sums: Effects = defaultdict(int)
    moved = []
    for part in result_parts(run):
        asked = question(part.world_hash, run)
        profits, goods = frames.effects_of(
            part, Filter.from_record(run.filters), asked, wish, all_kinds=all_kinds
        )
        moved.append(goods)
        for key, profit in profits.items():
            sums[key] += profit
        tell()
    return sums, moved


def _supplied(run: ReplayRun, moved: list[Frame]) -> dict[str, list[Supplied]]:
    """The first leg of each article brought near its buyers: today's quotations, the scenario's newest rules."""
    last = max(result_parts(run), key=lambda part: max(part.batch_ids), default=None)
    if last is None:
        return {}
    today, now = timezone.localdate(), world.current()
    rules = question(last.world_hash, run).after.replace(weighings=now["weighings"])
    found: dict[str, list[Supplied]] = defaultdict(list)
    for leg in supplied(
        moved, logistics.first_legs(today), rules, on=today,
        days=policy_value(now, LEG_DAYS, 1), load_g=policy_value(now, LEG_LOAD, 0),
    ):  # fmt: skip
        found[leg.sku].append(leg)
    return found


def _supply_words(values: dict[str, Any]) -> str:
    """How the goods get there and what that costs, as far as it is known."""
    legs = values.get("legs", [])
    known = [leg for leg in legs if not leg["code"]]
    names = warehouse_names()
    missing = ", ".join(sorted({_named(names, leg["warehouse"]) for leg in legs if leg["code"]}))
    words = [
        _("%(by)s to %(warehouse)s, %(days)s days at most: freight %(freight)s, duty at entry %(customs)s.")
        % {**leg, "by": _MODES.get(leg["mode"], leg["mode"]), "warehouse": _named(names, leg["warehouse"])}
        for leg in known
    ]
    if words:
        words.insert(0, _("Taken off already:"))
    if not legs:
        words.append(
            _("Transport there in bulk and duty at entry are not taken off. Then: have them quoted.")
        )
    elif missing:
        words.append(
            _(
                "Not taken off yet, for want of a quotation: freight and duty to %(where)s. Then: have them quoted."
            )
            % {"where": missing}
        )
    else:
        words.append(_("Import tax is taken back. Then: order the first load."))
    return " ".join(words)


def _delist(run: ReplayRun, skus: list[str], found: Effects) -> None:
    """Add what the company earns without each article, beside what it earned with it."""
    if not skus:
        return
    which = Filter.from_record(run.filters)
    for sku in skus:
        found[sku, "delist", ""] = found.get((sku, "none", ""), 0)
    for part in result_parts(run):
        for sku, change in frames.delisted(part, which, question(part.world_hash, run), skus).items():
            found[sku, "delist", ""] += change


def _proposals(
    run: ReplayRun,
    skus: list[str],
    found: Effects,
    prices: dict[str, int],
    cells: dict[str, Any],
    supply: dict[str, list[Supplied]],
) -> list[Proposal]:
    """The best of each kind that earns more than doing nothing."""
    best: dict[tuple[str, str], tuple[int, str]] = {}
    for (sku, kind, detail), profit in found.items():
        if kind != "none" and profit > best.get((sku, kind), (found.get((sku, "none", ""), 0), ""))[0]:
            best[sku, kind] = (profit, detail)
    names = {"origin": "origin", "incoterm": "incoterm"}
    rows = []
    for (sku, kind), (profit, detail) in sorted(best.items()):
        values: dict[str, Any] = {names[kind]: detail} if kind in names else {}
        if kind == "reprice":
            values = {"change_ppm": prices[sku]}
        if kind == "stock":
            values = {"legs": [_leg_record(leg, run.currency) for leg in supply.get(sku, [])]}
        rows.append(
            Proposal(
                run=run, sku=sku, kind=kind, values=values, orders=cells[sku].sums["lines"],
                profit_before=cells[sku].profit_before, profit_hurt=found.get((sku, "none", ""), 0), profit_then=profit,
            )
        )  # fmt: skip
    return rows


def _leg_record(leg: Supplied, currency: str) -> dict[str, Any]:
    """A first leg as it is kept with a proposal: for reading, amounts as texts."""
    amounts = {"freight": leg.freight_minor, "customs": leg.customs_minor}
    digits = minor_units_by_currency().get(currency, 2)
    return {
        "warehouse": leg.warehouse, "mode": leg.mode, "forwarder": leg.forwarder, "days": leg.max_days,
        "moved": leg.moved, "pieces": leg.load, "code": leg.code,
        **{name: f"{to_major(amount, digits)} {currency}" for name, amount in amounts.items()},
    }  # fmt: skip
