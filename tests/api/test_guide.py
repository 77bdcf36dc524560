"""The API's guide, followed to the letter against a live server."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from entrepot.core import reference, tokens
from entrepot.core.roles import permissions_of
from entrepot.domains.catalog.models import Category
from entrepot.domains.ledger.models import FxRate
from entrepot.domains.orders.models import Order
from tests.conftest import ROOT
from tests.domains.channels.conftest import RATES

GUIDE = (ROOT / "docs" / "guide" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_the_guide_is_followed_to_the_letter(live_server: Any, ada: Any):
    cache.clear()
    reference.load()
    Category.objects.create(code="apparel", name_en="Apparel", name_zh="服装")
    day = timezone.localdate() - timedelta(days=30)
    FxRate.objects.bulk_create(
        FxRate(currency=code, on=day, rate_e6=rate, source="test") for code, rate in RATES.items()
    )
    _token, text = tokens.make_token(ada, "guide", permissions_of(ada))
    env = {**os.environ, "ENTREPOT_URL": live_server.url, "ENTREPOT_TOKEN": text, "NO_PROXY": "*"}
    told = []
    for language, code in BLOCKS:
        command = ["bash", "-euc", code] if language == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        told.append(done.stdout)

    assert [language for language, _code in BLOCKS] == ["sh"] * 7 + ["python"]
    assert '"user": "ada"' in told[0]
    assert '"sku": "TEE"' in told[1]
    assert '"on_hand": 40' in told[2]
    assert '"created": true' in told[3]
    assert "A-1002 new" in told[7]
    assert told[7].count("\n") == 3
    assert set(Order.objects.values_list("external_id", flat=True)) == {"A-1001", "A-1002"}
