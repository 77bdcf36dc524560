"""Replays over the books: identity, parts that stop and go on, pages, sharing, advice; nothing booked is touched."""

import csv
from io import StringIO

import pytest
from click.testing import CliRunner
from django.urls import reverse

from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.models import Decision, Proposal, ReplayPart, ReplayRun, Scenario
from entrepot.domains.fulfilment.queries import Demand
from entrepot.domains.fulfilment.services import replaying
from entrepot.domains.ledger.models import Posting
from entrepot.domains.logistics.models import FirstLeg, Rate, Weighing
from entrepot.engine.scenario import KINDS, Edit, EditError
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import order

pytestmark = pytest.mark.django_db
DEARER = Edit("rate_card", {"service": "LINE", "change_ppm": 500_000})
LAYER = Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"})


@pytest.fixture(scope="module")
def traded(for_the_file):
    with for_the_file():
        found_company()
        stock(("RTM", "TEE", 9), ("SZX", "TEE", 90), ("SZX", "POW", 90))
        take_in(
            *(tees(n, n) for n in range(1, 5)),
            order(
                7, [("TEE", 1, 2_000), ("POW", 2, 9_001)], dest_country="US", currency="USD", incoterm="DDP"
            ),
            order(8, [("POW", 1, 8_000)], dest_country="JP", currency="JPY"),
        )
        services.run_inline(services.start_run(batch_size=2))


@pytest.fixture(autouse=True)
def trade(traded, db):
    pass


def replayed(*edits, actor=None, **wish):
    run = services.start_replay(
        services.Wish("test", edits, wish.pop("which", services.Filter()), **wish), actor
    )
    services.work_replay(run)
    return run


def test_every_booked_figure_and_posting_comes_out_again():
    proofs = list(services.proofs(services.Filter()))
    confirmed = Decision.objects.filter(status="confirmed").count()
    assert sum(proof.orders for proof in proofs) == confirmed > 4
    assert [(proof.figures_minor, proof.postings_minor) for proof in proofs] == [(0, 0)] * len(proofs)
    assert all(proof.different.is_empty() for proof in proofs)


def test_orders_are_proved_in_the_world_they_were_decided_in():
    Rate.objects.filter(service="LINE").update(base_minor=99_999)
    assert sum(proof.figures_minor for proof in services.proofs(services.Filter())) == 0
    run = replayed()
    assert (run.off_minor, queries.replay_totals(run.pk).difference) == (0, 0)


def test_a_booked_figure_that_is_wrong_is_found():
    row = Decision.objects.filter(status="confirmed").first()
    Decision.objects.filter(pk=row.pk).update(profit_base_minor=row.profit_base_minor + 7)
    (found,) = [proof for proof in services.proofs(services.Filter()) if proof.figures_minor]
    assert found.figures_minor == 7
    assert found.different.rows() == [(row.order_id, "profit_base_minor")]


@pytest.mark.parametrize("reading", ["frozen", "free", "stocked"])
def test_a_replay_says_before_after_and_why(reading):
    decisions, postings = Decision.objects.count(), Posting.objects.count()
    run = replayed(DEARER, LAYER, reading=reading)
    total = queries.replay_totals(run.pk)
    assert (run.state, run.done, run.off_minor) == ("done", run.total, 0)
    assert total.profit_after - total.profit_before == sum(total.causes.values()) != 0
    assert total.causes["freight"] < 0
    assert total.profit_before == sum(
        Decision.objects.filter(status="confirmed").values_list("profit_base_minor", flat=True)
    )
    assert (Decision.objects.count(), Posting.objects.count()) == (decisions, postings)


def test_a_replay_stops_and_goes_on(monkeypatch):
    monkeypatch.setattr(replaying, "BATCHES_AT_ONCE", 1)
    run = services.start_replay(services.Wish("slow", [LAYER], services.Filter()))
    services.work_replay(run, limit=1)
    services.stop_replay(run)
    assert services.work_replay(run) == 0
    assert 0 < run.done < run.total
    services.resume_replay(run)
    services.work_replay(run)
    assert (run.state, run.done) == ("done", run.total)
    whole = replayed(LAYER)
    assert queries.replay_totals(run.pk).sums == queries.replay_totals(whole.pk).sums


def test_a_part_that_fails_is_told_and_tried_again(monkeypatch):
    run = services.start_replay(services.Wish("broken", [LAYER], services.Filter()))
    with monkeypatch.context() as broken:
        broken.setattr(replaying.frames, "keep_result", lambda *_: 1 / 0)
        services.work_replay(run)
    assert run.state == "failed"
    assert "ZeroDivisionError" in run.error
    services.resume_replay(run)
    services.work_replay(run)
    assert (run.state, run.done) == ("done", run.total)


def test_filters_narrow_the_orders():
    us = replayed(LAYER, which=services.Filter(market="US"))
    assert us.total == 1
    assert {cell.key[1] for cell in queries.replay_cells(us.pk)} == {"US"}
    assert services.orders_to_replay(services.Filter(sku="POW")) == 2
    assert services.orders_to_replay(services.Filter(channel="nowhere")) == 0


def test_demand_moves_by_elasticity_and_the_sum_stays_exact():
    run = replayed(LAYER, which=services.Filter(market="US"))
    still = queries.replay_totals(run.pk)
    moved = queries.replay_totals(run.pk, Demand(-1_500_000, 500_000))
    assert moved.causes["passed"] > 0 > moved.causes["demand"]
    assert moved.profit_after - moved.profit_before == sum(moved.causes.values())
    assert queries.replay_totals(run.pk, Demand()).sums == still.sums


def test_a_new_warehouse_needs_goods_everywhere():
    edit = Edit("new_warehouse", {"warehouse": "CN2", "country": "CN", "like": "SZX", "order_fee_minor": 0})
    with pytest.raises(EditError) as caught:
        services.start_replay(services.Wish("new", [edit], services.Filter()))
    assert caught.value.code == "scenario.needs_free"
    assert replayed(edit, reading="free").state == "done"


def test_advice_is_replayed_and_only_noted(ada):
    run = replayed(LAYER, actor=ada)
    assert services.advise(run, ada) == Proposal.objects.filter(run=run).count() > 0
    assert all(one.profit_then > one.profit_hurt for one in Proposal.objects.all())
    repriced = Proposal.objects.filter(kind="reprice").first()
    if repriced is not None:  # the old margin is back, but for roundings
        assert repriced.values["change_ppm"] > 0
    one, before = Proposal.objects.first(), list(Decision.objects.order_by("pk").values())
    services.decide_proposal(run, one.pk, "accepted", ada)
    services.advise(run, ada)
    one.refresh_from_db()
    assert (one.state, one.decided_by) == ("accepted", ada)
    assert list(Decision.objects.order_by("pk").values()) == before


def test_stock_near_the_buyers_pays_its_first_leg(ada):
    rows = Rate.objects.filter(service="LINE")
    rows.update(base_minor=90_000)  # dear enough that goods near the buyers pay
    run = replayed(Edit("rate_card", {"service": "LINE", "change_ppm": 5_000_000}), actor=ada)
    services.advise(run, ada)
    before = Proposal.objects.get(run=run, sku="TEE", kind="stock")
    assert [leg["code"] for leg in before.values["legs"]] == ["logistics.no_first_leg"]
    Weighing.objects.create(
        weighing="air", divisor=6_000, step_e3=500, valid_from="2024-01-01", source="test"
    )
    FirstLeg.objects.create(
        ship_from="CN", warehouse="RTM", mode="air", weighing="air", currency="CNY", per_kg_minor=100, min_days=6,
        max_days=9, valid_from="2024-01-01", source="test",
    )  # fmt: skip
    services.advise(run, ada)
    after = Proposal.objects.get(run=run, sku="TEE", kind="stock")
    assert [leg["mode"] for leg in after.values["legs"]] == ["air"]
    assert after.profit_then < before.profit_then
    assert "RTM" in services.proposal_words(after)["then"]


def test_the_gallery_names_days_on_which_shipped_rules_changed():
    for shock in queries.gallery().values():
        for row in shock.rows:
            assert None not in row  # nothing was cut off by a comma of its own
            assert row["source"]
            assert row["status"] in "CGU"
            assert set(row) >= {"table", "on", "column", "values"}
        assert all(shock.name)


def test_a_scenario_is_made_changed_shared_and_replayed_in_the_browser(client, ada, bo):
    client.force_login(ada)
    made = client.post(reverse("replay:create"), {"name": "Peak"})
    scenario = Scenario.objects.get()
    assert made["Location"] == reverse("replay:scenario", args=[scenario.pk])
    added = client.post(
        reverse("replay:add_edit", args=[scenario.pk]),
        {"kind": "rate_card", "service": "LINE", "change_ppm": "12.5"},
    )
    assert added.status_code == 302
    scenario.refresh_from_db()
    assert scenario.edits[0]["values"] == {"service": "LINE", "change_ppm": 125_000}
    wrong = client.post(reverse("replay:add_edit", args=[scenario.pk]), {"kind": "closed"})
    assert wrong.status_code == 422
    client.force_login(bo)
    assert client.get(reverse("replay:scenario", args=[scenario.pk])).status_code == 404
    client.force_login(ada)
    client.post(reverse("replay:change", args=[scenario.pk]), {"name": "Peak", "is_shared": "on"})
    started = client.post(reverse("replay:start", args=[scenario.pk]), {"reading": "frozen"})
    run = ReplayRun.objects.get()
    page = client.get(started["Location"])
    assert "Profit falls" in page.content.decode()
    client.force_login(bo)
    assert client.get(reverse("replay:scenario", args=[scenario.pk])).status_code == 200
    assert client.get(reverse("replay:run", args=[run.pk])).status_code == 200
    client.force_login(ada)
    assert client.post(reverse("replay:remove_edit", args=[scenario.pk, 0])).status_code == 302
    assert client.post(reverse("replay:delete_scenario", args=[scenario.pk])).status_code == 302
    assert ReplayRun.objects.get().scenario is None


def test_the_result_goes_down_to_the_order_and_out_as_a_file(client, ada):
    client.force_login(ada)
    run = replayed(LAYER, DEARER, actor=ada)
    us = Decision.objects.get(profit_base_minor__isnull=False, service="LINE", currency="USD")
    lines = client.get(reverse("replay:lines", args=[run.pk]), {"market": "US"})
    assert reverse("replay:order", args=[run.pk, us.order_id]) in lines.content.decode()
    told = client.get(reverse("replay:order", args=[run.pk, us.order_id]))
    assert told.status_code == 200
    rows = list(
        csv.reader(StringIO(client.get(reverse("replay:csv", args=[run.pk])).content.decode("utf-8-sig")))
    )
    assert len(rows) == 1 + len(queries.replay_cells(run.pk))
    sheet = client.get(reverse("replay:xlsx", args=[run.pk]))
    assert b"".join(sheet.streaming_content).startswith(b"PK")
    assert client.get(reverse("replay:order", args=[run.pk, 999_999])).status_code == 404
    assert (
        client.get(reverse("replay:run", args=[run.pk]), {"elasticity": "1.5", "passed": "x"}).status_code
        == 200
    )


def test_every_kind_of_edit_has_a_form(client, ada):
    client.force_login(ada)
    client.post(reverse("replay:create"), {"name": "All"})
    page = reverse("replay:scenario", args=[Scenario.objects.get().pk])
    assert {client.get(page, {"kind": kind}).status_code for kind in KINDS} == {200}


def test_a_part_remembers_both_worlds():
    run = replayed(LAYER)
    worlds = queries.replay_worlds(run.pk)
    assert worlds
    assert all(before != after for before, after in worlds)
    assert ReplayPart.objects.filter(run=run).exclude(state="done").count() == 0


def test_the_command_line_proves_and_replays(ada):
    from entrepot.config.commands.replay import command

    proved = CliRunner().invoke(command, ["--unchanged"])
    assert proved.exit_code == 0, proved.output
    assert "total absolute difference" in proved.output
    scenario = services.save_scenario(services.Draft("Dearer", [DEARER]), ada)
    done = CliRunner().invoke(command, ["--scenario", str(scenario.pk)])
    assert done.exit_code == 0, done.output
    assert "freight" in done.output
    Decision.objects.filter(status="confirmed").update(profit_base_minor=0)
    assert CliRunner().invoke(command, ["--unchanged"]).exit_code == 1


def test_the_result_is_crossed_by_article_market_and_channel(client, ada):
    client.force_login(ada)
    run = replayed(LAYER, DEARER, actor=ada)
    address = reverse("replay:pivot", args=[run.pk])
    for rows, columns in (("sku", "market"), ("market", "channel"), ("channel", ""), ("x", "sku")):
        page = client.get(address, {"rows": rows, "columns": columns, "figure": "freight"})
        context = page.context
        assert page.status_code == 200
        assert sum(row["whole"] for row in context["rows"]) == context["total"]
        for row in context["rows"]:
            assert (
                sum(cell["amount"] or 0 for cell in row["cells"]) + row["other"] == row["whole"]
                or not columns
            )
    only = client.get(address, {"market": "US"}).context
    assert only["total"] == queries.replay_totals(run.pk, market="US").difference
    assert "market=US" in only["rows"][0]["query"]
