"""A worker killed anywhere loses nothing and books nothing twice: the run ends with an undisturbed run's totals."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Batch, Run
from entrepot.domains.ledger.queries import journal_proof
from entrepot.domains.warehouse.queries import count_levels_out
from tests.company import found_company, stock, take_in, tees

WORKER = Path(__file__).with_name("killed_worker.py")
KILLS, ORDERS, SIZE = 10, 240, 6
TOTALS = """
    SELECT (SELECT array_agg(state || n ORDER BY state)
            FROM (SELECT state, count(*) AS n FROM orders_order GROUP BY 1) AS s),
        (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_posting),
        (SELECT sum(abs(base_minor)) FROM ledger_posting), (SELECT count(*) FROM fulfilment_decision),
        (SELECT sum(profit_base_minor) FROM fulfilment_decision), (SELECT sum(amount_minor) FROM customs_taxentry),
        (SELECT count(*) FROM logistics_shipment), (SELECT sum(on_hand) FROM warehouse_stocklevel),
        (SELECT count(*) FROM warehouse_stockmove), (SELECT count(*) FROM core_outboxevent),
        (SELECT array_agg(done::text || state) FROM fulfilment_run)
"""

pytestmark = pytest.mark.django_db(transaction=True)


def trade():
    """The same company, stock and orders every time; goods run out before the orders do."""
    found_company()
    stock(("RTM", "TEE", 150), ("SZX", "TEE", 60))
    take_in(*(tees(n, 1 + n % 2, dest_country="US" if n % 7 == 0 else "DE") for n in range(1, ORDERS + 1)))
    return services.start_run(batch_size=SIZE)


def totals():
    with connection.cursor() as cursor:
        cursor.execute(TOTALS)
        return cursor.fetchone()


def empty_database():
    from django.core.management import call_command

    call_command("flush", interactive=False, verbosity=0, allow_cascade=False)


def kill_a_worker(run, chance):
    """Start a worker and kill it without warning, some moments after it has begun; whether it was still at work."""
    done = Batch.objects.filter(run=run, state="done").count()
    command = [sys.executable, str(WORKER), connection.settings_dict["NAME"], str(run.pk)]
    worker = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "src"}
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "working\n"
    wanted = done + chance.randint(0, 2)
    while worker.poll() is None and Batch.objects.filter(run=run, state="done").count() < wanted:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.25))
    alive = worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    return alive


def test_run_whose_workers_are_killed_ends_with_the_same_totals():
    services.run_inline(trade())
    undisturbed = totals()
    empty_database()

    run, chance, killed = trade(), random.Random(7), 0
    for _ in range(KILLS):
        killed += kill_a_worker(run, chance)
        assert journal_proof().is_balanced
        assert count_levels_out() == 0
    run = Run.objects.get(pk=run.pk)
    assert killed == KILLS
    assert run.state == "running"

    services.work(run)

    assert totals() == undisturbed
    assert run.done == ORDERS
    assert journal_proof().is_balanced
