"""A replay over several processes finds what one process finds, value for value; one that is gone is made up for."""

import pytest

from entrepot.core import processes
from entrepot.domains.fulfilment import queries, services
from entrepot.domains.fulfilment.models import ReplayPart
from entrepot.domains.fulfilment.services import replaying
from entrepot.engine.scenario import Edit
from tests.company import found_company, stock, take_in, tees
from tests.engine.small import order

pytestmark = pytest.mark.django_db(transaction=True)
EDITS = (
    Edit("rate_card", {"service": "LINE", "change_ppm": 500_000}),
    Edit("duty_layer", {"dest": "US", "rate_ppm": 150_000, "origin": "CN"}),
)


@pytest.fixture(autouse=True)
def trade(transactional_db, monkeypatch):
    found_company()
    stock(("RTM", "TEE", 9), ("SZX", "TEE", 90), ("SZX", "POW", 90))
    take_in(
        *(tees(n, n) for n in range(1, 5)),
        order(7, [("TEE", 1, 2_000), ("POW", 2, 9_001)], dest_country="US", currency="USD", incoterm="DDP"),
        order(8, [("POW", 1, 8_000)], dest_country="JP", currency="JPY"),
    )
    services.run_inline(services.start_run(batch_size=2))
    monkeypatch.setattr(replaying, "BATCHES_AT_ONCE", 1)


def asked():
    return services.start_replay(services.Wish("spread", EDITS, services.Filter(), "stocked"))


def found(run):
    parts = ReplayPart.objects.filter(run=run).order_by("batch_ids")
    return [
        (part.state, part.batch_ids, bytes(part.orders), bytes(part.lines), part.off_minor, part.changed_hash)
        for part in parts
    ]


def test_two_processes_find_what_one_finds():
    alone, spread = asked(), asked()
    services.work_replay(alone)
    seen = []
    services.replay_side_by_side(spread, 2, lambda done, total: seen.append((done, total)))
    assert (spread.state, spread.done) == (alone.state, alone.done) == ("done", alone.total)
    assert seen[-1] == (spread.total, spread.total)
    assert found(spread) == found(alone)
    assert len(found(alone)) > 2
    assert queries.replay_totals(spread.pk).sums == queries.replay_totals(alone.pk).sums


def test_processes_that_all_fail_are_told_of():
    with pytest.raises(processes.WorkerFailed):
        processes.side_by_side("entrepot.core.processes.no_such_thing", (), 2)
