"""Papers of decided orders: drawn from the decision, blocked while something is missing, one by one and in bulk."""

import pytest

from entrepot.domains.customs.models import Registration
from entrepot.domains.fulfilment import services
from entrepot.domains.fulfilment.models import Decision, PaperJob, Policy
from entrepot.domains.orders.models import Order
from tests.company import DAY, found_company, stock, take_in, tees

pytestmark = pytest.mark.django_db
TEXTS = {
    "company.name": "Entrepot",
    "company.country": "CN",
    "company.address": "1 Harbour Road|518000 Shenzhen",
}
VALUES = {"papers.cn22_value_sdr": 300, "papers.cn22_weight_g": 2000, "papers.sdr_euro_e6": 1_170_000,
          "papers.h7_value_euro_minor": 15_000}  # fmt: skip


@pytest.fixture(autouse=True)
def company(db):
    found_company()
    for key in {**TEXTS, **VALUES}:
        Policy.objects.create(
            key=key, text=TEXTS.get(key, ""), value=VALUES.get(key, 0), valid_from=DAY.replace(year=2024)
        )
    Registration.objects.filter(scheme="IOSS").update(number="IM5280000012")


def decided(*orders):
    stock(("SZX", "TEE", 50))
    ids = take_in(*orders)
    Order.objects.update(recipient_name="Jürgen Müller", dest_city="Berlin", dest_postcode="10115")
    services.decide_pending()
    return ids


def test_papers_tell_what_was_decided():
    ids = decided(tees(1, 2, shipping_minor=490), tees(2, price_includes_tax=False))

    for order_id in ids.values():
        (found,) = services.papers_of([order_id])
        booked = Decision.objects.get(order_id=order_id)
        assert found.total_minor == booked.revenue_minor
        assert found.tax_minor == booked.tax_sale_minor
        assert (found.gross_g, found.parcels, found.currency) == (
            booked.weight_g,
            booked.parcels,
            booked.currency,
        )
        assert sum(item.value_minor for item in found.items) == found.goods_minor
        assert found.scheme == "IOSS"


def test_the_order_page_shows_them_and_gives_them_out(client, ada):
    order_id = decided(tees(1))[1]
    client.force_login(ada)

    panel = client.get(f"/fulfilment/orders/{order_id}/papers/").content.decode()
    assert f"/fulfilment/orders/{order_id}/papers/invoice.pdf" in panel
    pdf = client.get(f"/fulfilment/orders/{order_id}/papers/all.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(f"/fulfilment/orders/{order_id}/papers/label.png").content[:4] == b"\x89PNG"
    data = client.get(f"/fulfilment/orders/{order_id}/data/h7.json").json()
    assert data["ioss_number"] == "IM5280000012"
    assert client.get(f"/fulfilment/orders/{order_id}/data/origin.csv").status_code == 200
    assert client.get(f"/fulfilment/orders/{order_id}/papers/cn23.pdf").status_code == 404
    assert client.get("/fulfilment/orders/999/papers/invoice.pdf").status_code == 404


def test_incomplete_papers_are_blocked_with_the_list(client, ada):
    Registration.objects.filter(scheme="IOSS").update(number="")
    order_id = decided(tees(1))[1]
    client.force_login(ada)

    assert client.get(f"/fulfilment/orders/{order_id}/papers/all.pdf").status_code == 409
    panel = client.get(f"/fulfilment/orders/{order_id}/papers/").content.decode()
    assert "IOSS" in panel
    assert "invoice.pdf" not in panel


def test_many_are_printed_as_one_file_and_the_blocked_ones_told(client, ada, cy):
    ids = decided(tees(1), tees(2), tees(3))
    Order.objects.filter(pk=ids[2]).update(recipient_name="")
    client.force_login(ada)

    reply = client.post("/fulfilment/papers/", {"ids": list(ids.values())})

    job = PaperJob.objects.get()
    assert reply["Location"] == f"/fulfilment/papers/{job.pk}/"
    assert (job.state, job.report["printed"], len(job.report["blocked"])) == ("done", 2, 1)
    assert job.report["blocked"][0]["missing"] == [["papers.name_missing", "buyer"]]
    assert client.get(f"/fulfilment/papers/{job.pk}/papers.pdf").content[:5] == b"%PDF-"
    client.force_login(cy)
    assert client.get(f"/fulfilment/papers/{job.pk}/papers.pdf").status_code == 403


def test_orders_without_a_way_have_no_papers(client, ada):
    order_id = take_in(tees(1))[1]
    client.force_login(ada)
    assert client.get(f"/fulfilment/orders/{order_id}/papers/").status_code == 200
    assert client.get(f"/fulfilment/orders/{order_id}/papers/all.pdf").status_code == 404
    with pytest.raises(services.NoPapers):
        services.papers_of_order(order_id)
