"""An import that is killed again and again ends with the same totals as one that nobody touched."""

import gzip
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from entrepot.domains.channels import services
from tests import databases

LINES = 20_000
# where the ten kills fall: some time after a stage was begun, at random
KILLED_IN = (
    "read", "catalogue", "stock", "orders", "orders", "entries", "lines", "decide", "decide", "settle",
)  # fmt: skip
SKU = "JOIN catalog_sku AS sku ON sku.id = sku_id"
PARTS = {  # what each row says, without the ids, which skip numbers where a transaction was lost
    "orders": "external_id, state, total_minor, warehouse, service FROM orders_order",
    "lines": "line_no, sku_code, quantity, amount_minor FROM orders_orderline",
    "returns": "external_id, line_no, quantity, tied FROM orders_returnline",
    "moves": f"kind, code, quantity, moved_on FROM warehouse_stockmove {SKU}",
    "levels": f"code, on_hand FROM warehouse_stocklevel {SKU}",
    "entries": "kind, entry_date, idempotency_key FROM ledger_entry WHERE kind <> 'order'",
    "postings": "account_id, currency, amount_minor, base_minor FROM ledger_posting",
    "balances": "account_id, currency, month, debit_minor, credit_minor FROM ledger_accountbalance",
    "decisions": "status, version, profit_base_minor, freight_base_minor FROM fulfilment_decision",
    "parcels": "state, promise_on, freight_base_minor FROM logistics_shipment",
    "taxes": "code, country, amount_minor FROM customs_taxentry",
    "source": "row_no, outcome, reason, amount_e4 FROM channels_sourceline",
    "events": "name FROM core_outboxevent",
    "runs": "state, total_rows, done_rows FROM channels_importrun",
}
TOTALS = (
    "SELECT count(*), md5(string_agg(part, ',' ORDER BY part)) "
    "FROM (SELECT concat_ws(':', {}) AS part FROM {}) AS parts"
)


class Place:
    """A database of its own, and the program started on it."""

    def __init__(self, name: str, home: Path) -> None:
        at = connection.settings_dict
        self.name = name
        host, port = quote(str(at["HOST"]), safe=""), at["PORT"]
        url = f"postgresql://{at['USER']}:{at['PASSWORD']}@/{name}?host={host}&port={port}"
        self.env = {**os.environ, "DATABASE_URL": url, "ENTREPOT_HOME": str(home)}

    def connect(self) -> Any:
        return databases.connect(self.name)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "entrepot.config.cli", *arguments]
        return subprocess.Popen(
            command, env=self.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    def run(self, *arguments: str) -> None:
        process = self.start(*arguments)
        _out, error = process.communicate(timeout=240)
        assert process.returncode == 0, error[-2_000:]

    def totals(self) -> dict[str, tuple[int, str]]:
        with self.connect() as database:
            return {
                name: database.execute(TOTALS.format(*part.split(" FROM "))).fetchone()
                for name, part in PARTS.items()
            }


@pytest.fixture
def places(shared_data: Path, tmp_path: Path, django_db_setup: None) -> Iterator[tuple[Place, Place, Path]]:
    """Two equal companies without orders, and the first lines of the real file."""
    with gzip.open(
        shared_data / "orders" / "online_retail.csv.gz", "rt", encoding="utf-8", newline=""
    ) as whole:
        text = "".join(line for line, _n in zip(whole, range(LINES + 1), strict=False))
    file = tmp_path / "trimmed.csv"
    file.write_text(text, encoding="utf-8", newline="")
    calm, killed = (Place(f"test_import_{name}", tmp_path / name) for name in ("calm", "killed"))
    databases.copy(calm.name)
    try:
        calm.run("migrate", "-v", "0")
        with calm.connect() as database:  # so that deciding takes several transactions
            database.execute("UPDATE fulfilment_policy SET value = 200 WHERE key = 'fulfilment.batch_size'")
        databases.copy(killed.name, calm.name)
        yield calm, killed, file
    finally:
        databases.drop(calm.name)
        databases.drop(killed.name)


@pytest.mark.slow
def test_killed_at_ten_points_and_resumed_it_ends_as_if_untouched(places: tuple[Place, Place, Path]) -> None:
    calm, killed, file = places
    calm.run("import", "online-retail", str(file))
    with calm.connect() as database:
        seconds = database.execute("SELECT report->'seconds' FROM channels_importrun").fetchone()[0]
    chance = random.Random(20_110_212)

    alive = [kill_in(killed, file, stage, chance.uniform(0, 0.5) * seconds[stage]) for stage in KILLED_IN]
    killed.run("import", "online-retail", str(file))

    assert sum(alive) >= 8
    expected = calm.totals()
    assert expected["source"][0] == LINES
    assert killed.totals() == expected


def kill_in(place: Place, file: Path, stage: str, delay: float) -> bool:
    """Start the import and kill it some time after it begins a stage (or one after it); whether it was alive."""
    process = place.start("import", "online-retail", str(file))
    assert process.stderr
    names = services.stages_of("online-retail")
    for line in process.stderr:
        begun = line.removeprefix("online-retail: ").strip()
        if begun in names and names.index(begun) >= names.index(stage):
            break
    time.sleep(delay)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive
