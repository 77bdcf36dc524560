"""Two rules of one key are never valid on one day, and every change of a row leaves a trace."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from entrepot.core.models import WorldStamp
from entrepot.domains.customs.models import VatRate

pytestmark = pytest.mark.django_db


def rate(first, last=None, **more):
    given = {"country": "DE", "tax_category": "standard", "rate_ppm": 190_000, **more}
    return VatRate(valid_from=date(2024, 1, first), valid_to=last and date(2024, 1, last), **given)


def test_periods_of_one_key_follow_each_other():
    rate(1, 10).save()
    rate(11).save()
    rate(5, region="09").save()
    assert VatRate.objects.count() == 3


@pytest.mark.parametrize(("first", "last"), [(10, None), (1, 1), (5, 6), (9, 20)])
def test_overlapping_periods_are_refused(first, last):
    rate(1, 10).save()
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        rate(first, last).save()
    with pytest.raises(ValidationError, match="same key is valid"):
        rate(first, last).full_clean()


def test_period_does_not_end_before_it_begins():
    with pytest.raises(IntegrityError), transaction.atomic():
        rate(10, 9).save()


def test_every_change_is_kept_even_one_by_plain_sql():
    row = rate(1)
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customs_vatrate SET rate_ppm = 160000")
    row.delete()

    history = VatRate.pgh_event_model.objects.order_by("pgh_id").values_list("pgh_label", "rate_ppm")
    assert list(history) == [("insert", 190_000), ("update", 160_000), ("delete", 160_000)]


def test_every_change_changes_the_stamp_of_its_world_table():
    tokens = []
    for change in (rate(1).save, lambda: VatRate.objects.update(note="x"), VatRate.objects.all().delete):
        change()
        tokens.append(WorldStamp.objects.get(name="vat_rates").token)
    assert len(set(tokens)) == 3
