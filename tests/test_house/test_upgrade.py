"""A newer version of the program over records of an older one."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.config import upgrade
from entrepot.domains.insight.models import MartRun

pytestmark = pytest.mark.django_db


def test_rules_come_in_with_their_exchange_rates_once() -> None:
    done = upgrade.refresh_reference()
    assert "currencies" in {one.table for one in done}
    assert f"{sum(one.added for one in done)} added" in upgrade.summary(done)
    assert upgrade.refresh_reference() == []


def test_marts_that_cannot_be_read_any_more_are_asked_for_anew(settings: Any, tmp_path: Path) -> None:
    settings.MART_ROOT = tmp_path
    assert not upgrade.renew_marts()  # never exported: not ours to begin
    MartRun.objects.create(state=MartRun.State.DONE)
    assert upgrade.renew_marts()
    assert MartRun.objects.filter(state=MartRun.State.RUNNING).count() == 1
