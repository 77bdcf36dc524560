"""Papers of orders: one object of facts per shipment, gathered from decision, world, order and company."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from entrepot.core import audit
from entrepot.core.audit import Actor
from entrepot.domains.catalog.queries import sku_names
from entrepot.domains.customs import services as customs
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames import papers as frames
from entrepot.domains.fulfilment.frames.papers import PapersDiffer
from entrepot.domains.fulfilment.models import PaperJob
from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.domains.logistics.queries import service_names, shipments_of
from entrepot.domains.orders.queries import addresses_of

CHUNK = 100
SDR_EURO_SCALE = 1_000_000
__all__ = ["NoPapers", "PapersDiffer", "carry_out_papers", "papers_of", "papers_of_order", "start_papers"]
Progress = Callable[[int, int], None]


class NoPapers(LookupError):
    """An order without a confirmed way has no papers."""


def papers_of(order_ids: Sequence[int]) -> list[customs.Papers]:
    """The papers of confirmed orders, one for each shipment, by order and part; orders without a way are left out.

    Holds: over the shipments of an order goods + shipping = the decision's revenue, tax = its tax at the sale.
    Errors: PapersDiffer when a way priced again is not what was booked.
    """
    facts = frames.paper_facts(order_ids, world.load)
    known = addresses_of(sorted({order_id for order_id, _part in facts}))
    names = sku_names({line["sku"] for one in facts.values() for line in one["lines"]})
    parcels = {(one.order_id, one.part): one for one in shipments_of(known)}
    digits, services = minor_units_by_currency(), service_names()
    return [
        _papers(one, known[key[0]], parcels.get(key), names, (digits, services))
        for key, one in sorted(facts.items())
    ]


def papers_of_order(order_id: int) -> list[customs.Papers]:
    """The papers of one order, one for each of its shipments.

    Errors: NoPapers when it has no confirmed way.
    """
    found = papers_of([order_id])
    if not found:
        raise NoPapers(order_id)
    return found


def _papers(
    way: dict[str, Any], order: dict[str, Any], parcel: Any, names: Any, words: Any
) -> customs.Papers:
    digits, services = words
    alone = f"S{way['order_id']}"
    number = parcel.number if parcel else f"{alone}-{way['part']}" if way["is_cut"] else alone
    tracking = parcel.tracking_no if parcel else ""
    if not tracking and way["mode"] == "post" and parcel:
        tracking = customs.postal_item_id(parcel.pk, way["ship_from"])
    items, goods = _items(way, names), way["revenue_minor"] - way["revenue_shipping_minor"]
    here = sum(item.value_minor for item in items)
    shipping, tax, euro = (
        customs.in_parts(way[name] or 0, [here, goods - here])[0] if here != goods else way[name] or 0
        for name in ("revenue_shipping_minor", "tax_sale_minor", "euro_minor")
    )
    leaves = (parcel.ship_on if parcel else way["ship_on"]) or way["placed_on"]
    return customs.Papers(
        number=number, order_number=order["number"], on=leaves,
        seller=_seller(way), buyer=_buyer(way, order), buyer_kind=way["buyer_kind"], incoterm=way["incoterm"],
        currency=way["currency"], digits=digits.get(way["currency"], 2), items=items,
        shipping_minor=shipping, tax_minor=tax, euro_minor=euro,
        parcels=way["parcels"], gross_g=way["weight_g"], service=services.get(way["service"], (way["service"], ""))[0],
        mode=way["mode"], ship_from=way["ship_from"], to_union=way["dest_country"] in way["members"],
        from_union=way["ship_from"] in way["members"], import_rule=way["rule"] or "", scheme=way["requires"],
        collector=way["collector"] or "", tracking=tracking or number, limits=_limits(way),
    )  # fmt: skip


def _items(way: dict[str, Any], names: dict[str, tuple[str, str]]) -> tuple[customs.Item, ...]:
    """The goods' value of the decision on its lines, by what each line was sold for; the parts add up exactly.

    Pieces that had left before are in another parcel: they and their value are not among these.
    """
    lines = way["lines"]
    goods = way["revenue_minor"] - way["revenue_shipping_minor"]
    values = customs.in_parts(goods, [line["amount_minor"] for line in lines])
    items = list[customs.Item]()
    for line, whole in zip(lines, values, strict=True):
        sent = line.get("sent") or 0
        left = line["quantity"] - sent
        if sent and not left:
            continue
        value, number = customs.in_parts(whole, [left, sent])[0] if sent else whole, len(items) + 1
        name_en, name_zh = names.get(line["sku"], (line["sku"], ""))
        items.append(
            customs.Item(
                number=number, sku=line["sku"], name_en=name_en, name_zh=name_zh, hs_code=line["hs_code"] or "",
                origin=line["origin"] or "", quantity=left,
                net_g=(line["weight_g"] or 0) * left, value_minor=value, assumed=line["assumed"] or "",
            )
        )  # fmt: skip
    return tuple(items)


def _seller(way: dict[str, Any]) -> customs.Party:
    policies, own = way["policies"], way["numbers"]
    ioss = own.get(f"IOSS@{way['channel']}") or own.get("IOSS", "")
    numbers = {"EORI": own.get("EORI", ""), "IOSS": ioss if way["requires"] == "IOSS" else ""}
    address = policies.get("company.address", (0, ""))[1].split("|")
    return customs.Party(
        name=policies.get("company.name", (0, ""))[1],
        address=tuple(part.strip() for part in address if part.strip()),
        country=policies.get("company.country", (0, ""))[1],
        numbers={name: number for name, number in numbers.items() if number},
    )


def _buyer(way: dict[str, Any], order: dict[str, Any]) -> customs.Party:
    town = " ".join(part for part in (order["dest_postcode"], order["dest_city"]) if part)
    return customs.Party(
        name=order["recipient_name"] or order["customer__name"] or "",
        address=tuple(part for part in (town, order["dest_region"]) if part),
        country=way["dest_country"],
        numbers={"VAT": order["buyer_vat_id"]} if order["buyer_vat_id"] else {},
    )


def _limits(way: dict[str, Any]) -> customs.Limits:
    """Limits of the forms in euro: special drawing rights at the policy's rate."""
    policies = way["policies"]

    def value(key: str) -> int:
        return int(policies.get(key, (0, ""))[0])

    sdr = value("papers.cn22_value_sdr") * value("papers.sdr_euro_e6") * 100 // SDR_EURO_SCALE
    return customs.Limits(sdr, value("papers.cn22_weight_g"), value("papers.h7_value_euro_minor"))


@transaction.atomic
def start_papers(order_ids: Sequence[int], actor: Actor) -> PaperJob:
    """Queue the papers of many orders as one PDF."""
    job = PaperJob.objects.create(
        order_ids=sorted(set(order_ids)), total=len(set(order_ids)), created_by_id=getattr(actor, "pk", None)
    )
    audit.record(actor, "fulfilment.print_papers", f"papers:{job.pk}", orders=job.total)
    return job


def carry_out_papers(job: PaperJob, watch: Progress | None = None) -> PaperJob:
    """Print a job's papers; shipments whose papers are incomplete are left out and told, with what is missing."""
    if job.state == PaperJob.State.DONE:
        return job
    complete: list[customs.Papers] = []
    blocked: list[dict[str, Any]] = []
    for start in range(0, job.total, CHUNK):
        ids = job.order_ids[start : start + CHUNK]
        found = papers_of(ids)
        for one in found:
            wanting = customs.missing_of(one)
            if wanting:
                blocked.append({"order": one.order_number, "missing": [list(pair) for pair in wanting]})
            else:
                complete.append(one)
        PaperJob.objects.filter(pk=job.pk).update(done=min(start + CHUNK, job.total))
        if watch:
            watch(min(start + CHUNK, job.total), job.total)
    job.content = customs.print_papers(complete) if complete else None
    job.report = {
        "printed": len(complete),
        "blocked": blocked,
        "without_way": job.total - len(complete) - len(blocked),
    }
    job.done, job.state, job.finished_at = job.total, PaperJob.State.DONE, timezone.now()
    job.save()
    return job


def fail_papers(job: PaperJob, error: Exception) -> None:
    """Note that a job could not be carried out."""
    PaperJob.objects.filter(pk=job.pk).update(
        state=PaperJob.State.FAILED,
        error=f"{type(error).__name__}: {error}"[:500],
        finished_at=timezone.now(),
    )
