"""Advice over the books: worked out once at a time with progress, true to replays of the same change, told in words."""

import pytest
from django.urls import reverse

from entrepot.domains.fulfilment import jobs, queries, services
from entrepot.domains.fulfilment.models import Proposal, ReplayRun, Scenario
from entrepot.domains.fulfilment.services import advising
from entrepot.engine.scenario import Edit
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import order

pytestmark = pytest.mark.django_db
LAYER = Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"})


@pytest.fixture(autouse=True)
def trade(db):
    found_company()
    stock(("RTM", "TEE", 9), ("SZX", "TEE", 90), ("SZX", "POW", 90))
    take_in(
        *(tees(n, n) for n in range(1, 5)),
        order(7, [("TEE", 1, 2_000), ("POW", 2, 9_001)], dest_country="US", currency="USD", incoterm="DDP"),
        order(8, [("POW", 1, 8_000)], dest_country="US", currency="USD", incoterm="DDP"),
    )
    services.run_inline(services.start_run())


def replayed(*edits, actor=None):
    run = services.start_replay(services.Wish("test", edits, services.Filter(), is_shared=True), actor)
    services.work_replay(run)
    return run


def profits(run):
    return {cell.key[0]: cell.profit_after for cell in queries.replay_cells(run.pk, ("sku",))}


def edits_of(kind, proposals):
    """The change a kind of proposal means, as edits of a scenario."""
    if kind == "incoterm":
        return [Edit("incoterm", {"incoterm": proposals[0].values["incoterm"]})]
    if kind == "origin":
        return [Edit("origin", {"sku": one.sku, "origin": one.values["origin"]}) for one in proposals]
    return [Edit("price", {"sku": one.sku, "change_ppm": one.values["change_ppm"]}) for one in proposals]


def test_what_is_proposed_brings_what_a_scenario_with_the_same_change_brings(ada, monkeypatch):
    monkeypatch.setattr(advising, "policy_text", lambda *_asked: "JP")  # a country one could buy from
    run = replayed(LAYER, actor=ada)
    services.advise(run, ada)

    kinds = {one.kind for one in Proposal.objects.filter(run=run)} & {"reprice", "origin", "incoterm"}
    assert kinds == {"reprice", "origin", "incoterm"}
    for kind in kinds:
        proposals = list(Proposal.objects.filter(run=run, kind=kind).order_by("sku"))
        again = profits(replayed(LAYER, *edits_of(kind, proposals)))
        assert {one.sku: one.profit_then for one in proposals} == {
            one.sku: again[one.sku] for one in proposals
        }
        assert {one.sku: one.profit_hurt for one in proposals} == {
            one.sku: profits(run)[one.sku] for one in proposals
        }


def test_articles_sold_at_a_loss_are_advised_on_though_nothing_changes(ada):
    cells = {
        sku: queries.Cell((sku,), {"profit_before": before, "profit_after": after})
        for sku, (before, after) in {
            "A": (-5, -5),
            "B": (9, 8),
            "C": (-7, -3),
            "D": (4, 4),
            "E": (9, 2),
        }.items()
    }
    assert advising._hurt(cells) == ["E", "B", "A", "C"]


def test_advice_on_many_orders_is_work_of_a_worker_with_progress(
    ada, client, monkeypatch, django_capture_on_commit_callbacks
):
    run, asked = replayed(LAYER, actor=ada), []
    monkeypatch.setattr(jobs, "ADVISED_AT_ONCE", 0)
    monkeypatch.setattr(jobs.work_advice, "defer", lambda **given: asked.append(given))
    client.force_login(ada)
    page, progress = reverse("replay:run", args=[run.pk]), reverse("replay:advice_progress", args=[run.pk])
    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("replay:advise", args=[run.pk]))

    assert asked == [{"run_id": run.pk}]  # asked for again while it is worked out, it is not begun again
    assert progress in client.get(page).content.decode()
    panel = client.get(progress)
    assert "0</strong> / 4" in panel.content.decode()
    assert "HX-Refresh" not in panel

    jobs.work_advice(run.pk)
    assert client.get(progress)["HX-Refresh"] == "true"
    found = ReplayRun.objects.get(pk=run.pk)
    assert (found.advising_at, found.advice_done, found.advised_by) == (None, 3, ada)
    assert "Accept" in client.get(page).content.decode()


def test_advice_that_fails_is_said_and_keeps_what_stood(ada, client, monkeypatch):
    run = replayed(LAYER, actor=ada)
    jobs.set_to_advise(run, ada)
    before = list(Proposal.objects.order_by("pk").values())

    def fails(*_asked, **_more):
        raise RuntimeError("no rates today")

    monkeypatch.setattr(advising.frames, "effects_of", fails)
    with pytest.raises(RuntimeError):
        jobs.set_to_advise(run, ada)
    client.force_login(ada)
    page = client.get(reverse("replay:run", args=[run.pk])).content.decode()
    assert "no rates today" in page
    assert list(Proposal.objects.order_by("pk").values()) == before != []

    monkeypatch.undo()
    jobs.set_to_advise(run, ada)
    assert ReplayRun.objects.get(pk=run.pk).advice_error == ""


def test_advice_whose_worker_died_is_taken_up_again(ada, monkeypatch):
    run = replayed(LAYER, actor=ada)
    assert services.start_advice(run, ada)
    jobs.adopt_replays(0)
    assert not Proposal.objects.exists()  # somebody may still be at it

    monkeypatch.setattr(advising, "QUIET", -advising.QUIET)
    jobs.adopt_replays(0)
    assert Proposal.objects.filter(run=run).exists()
    assert ReplayRun.objects.get(pk=run.pk).advising_at is None


def test_names_of_the_gallery_are_read_in_the_readers_language(ada, client):
    client.force_login(ada)
    for name in ("EU duty of 3 euro per line: as if it had held all along", "My own"):
        Scenario.objects.create(name=name, owner=ada, edits=[])
    english = client.get(reverse("replay:list")).content.decode()
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get(reverse("replay:list")).content.decode()

    assert "EU duty of 3 euro per line: as if it had held all along" in english
    assert "EU duty of 3 euro per line" not in chinese
    assert "欧盟每项3欧元关税" in chinese
    assert "My own" in chinese
