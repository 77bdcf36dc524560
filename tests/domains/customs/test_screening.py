"""Sanctions lists by version, names in any script, barred goods: what is held explains itself."""

import gzip
from datetime import date, timedelta

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from entrepot.domains.customs import services
from entrepot.domains.customs.models import SanctionEntry, SanctionList
from entrepot.domains.customs.rules.names import NameIndex, likeness, read_name
from entrepot.domains.fulfilment import services as fulfilment
from entrepot.domains.orders import services as orders
from entrepot.domains.orders.models import Hold, Order
from entrepot.engine import decide
from tests.company import DAY, found_company, stock, take_in, tees
from tests.engine.small import batch, order, rows, small_world

FIRST = b"""36,"AEROCARIBBEAN AIRLINES",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0-\r
173,"PETROV, Ivan Sergeevich","individual","RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970."\r
200,"LUCKY STAR","vessel","DPRK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0-\r
x,"NOBODY",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0-\r
\x1a"""
SECOND = FIRST.replace(b"AEROCARIBBEAN", b"AERO-CARIBBEAN").replace(b'200,"LUCKY STAR"', b'201,"OTHER STAR"')
ALT = b'173,1,aka,"PETROFF, Iwan",-0-\r\n173,2,aka,"SHADOW TRADER",-0-\r\n999,1,aka,"GONE",-0-\r\n'


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Ivan Petrov", "PETROV, Ivan Sergeevich", 88),
        ("Иван Петров", "PETROV, Ivan", 95),
        ("I. Petrov", "PETROV, Ivan", 90),
        ("José Muñoz", "MUNOZ, Jose", 100),
        ("صدام حسين", "HUSSEIN, Saddam", 90),
        ("习近平", "XI, Jinping", 100),
        ("Abdul Rahman Khan", "KHAN, Abdulrahman", 95),
        ("Muhamad Huseyn", "HUSSEIN, Mohammed", 88),
    ],
)
def test_the_same_person_is_recognised(one, other, least):
    assert likeness(read_name(one), read_name(other)) >= least
    assert NameIndex([other]).find(one, least)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ivan Petrov", "PETROV, Boris"), ("Maria Garcia", "GARCIA LOPEZ, Ana Maria Elena"), ("Wei Li", "LAU, Chi Wai"),
     ("Smith", "SMITH, John"), ("", "SMITH, John"), ("Sofia Romero", "ARMAR, Shafi")],
)  # fmt: skip
def test_others_are_left_alone(one, other):
    assert likeness(read_name(one), read_name(other)) < 88


def given_list(content=FIRST, on=date(2026, 5, 1), alt=ALT):
    return services.import_ofac(
        services.Upload("sdn.csv", content), services.Upload("alt.csv", alt) if alt else None, version=on
    )


@pytest.mark.django_db
def test_an_import_is_a_version_and_says_what_differs():
    one, is_new = given_list(gzip.compress(FIRST))
    assert is_new
    assert (one.entries, one.names, one.report["added"], one.report["before"]) == (3, 5, 3, "")
    assert [(p["row"], p["field"]) for p in one.report["problems"]] == [(4, "ent_num")]
    assert given_list(gzip.compress(FIRST)) == (one, False)

    two, _ = given_list(SECOND, on=date(2026, 6, 1))
    assert {k: two.report[k] for k in ("before", "added", "removed", "changed")} == {
        "before": "2026-05-01", "added": 1, "removed": 1, "changed": 1,
    }  # fmt: skip
    assert SanctionList.objects.count() == 2
    assert SanctionEntry.objects.filter(edition=one).count() == 3


@pytest.mark.django_db
def test_files_that_are_no_list_are_refused():
    with pytest.raises(services.ListRefused):
        given_list(b"a,b\n1,2\n")
    with pytest.raises(services.ListRefused):
        given_list(gzip.compress(FIRST)[:40])
    given_list()
    with pytest.raises(ValueError, match="another day"):
        given_list(SECOND)


@pytest.mark.django_db
def test_a_listed_buyer_is_held_with_entry_alias_and_score_and_explained(ada):
    found_company()
    stock(("RTM", "TEE", 9))
    given_list()
    policies("review.sanctions_score", 88)
    ids = take_in(tees(1), tees(2), tees(3))
    Order.objects.filter(pk=ids[1]).update(recipient_name="Иван Петров")
    Order.objects.filter(pk=ids[2]).update(recipient_name="Shadow Trader")

    fulfilment.decide_pending()

    holds = dict(Hold.objects.filter(code="customs.sanctions").values_list("order_id", "detail"))
    assert (
        holds[ids[2]]
        == "OFAC SDN 2026-05-01 #173: SHADOW TRADER = PETROV, Ivan Sergeevich; 100 %; RUSSIA-EO14024"
    )
    assert "#173" in holds[ids[1]]
    assert set(holds) == {ids[1], ids[2]}
    given_list(SECOND, on=date(2026, 6, 1), alt=None)
    told = fulfilment.explain_order(ids[2])
    assert fulfilment.check_explanation(told) == []
    assert [issue["code"] for issue in told.issues] == ["customs.sanctions"]

    with pytest.raises(orders.ReasonMissing):
        orders.release_holds([ids[2]], ada, codes=["customs.sanctions"])
    orders.release_holds([ids[2]], ada, codes=["customs.sanctions"], note="born 1991, other person")
    fulfilment.decide_pending()
    assert Order.objects.get(pk=ids[2]).state == "confirmed"


def policies(key, value):
    from entrepot.domains.fulfilment.models import Policy

    Policy.objects.create(
        key=key, value=value, valid_from=DAY - timedelta(days=900), source="test", status="C"
    )


def test_goods_are_barred_by_country_union_code_and_day():
    barred = rows("restrictions",
        {"dest": "EU", "hs_prefix": "6109", "verdict": "restricted", "reason": "permit"},
        {"dest": "US", "category": "power", "verdict": "prohibited", "reason": "law"},
        {"dest": "JP", "hs_prefix": "6109", "verdict": "prohibited", "reason": "old",
         "valid_to": date(2024, 12, 31)})  # fmt: skip
    world = small_world(restrictions=barred)
    some = batch(
        order(1, [("TEE", 1, 1999)]), order(2, [("POW", 1, 1999)], dest_country="US", currency="USD"),
        order(3, [("TEE", 1, 1999)], dest_country="JP", currency="JPY"),
        order(4, [("TEE", 1, 1999)], released="customs.restricted"),
        order(5, [("POW", 1, 1999)], dest_country="US", currency="USD", released="customs.prohibited"),
    )  # fmt: skip
    decided = decide(some, world)
    issues = decided.issues.filter(pl.col("code").str.starts_with("customs.")).select(
        "order_id", "code", "severity", "line_no"
    )
    assert issues.rows() == [
        (1, "customs.restricted", "hold", 1), (2, "customs.prohibited", "hold", 1),
        (4, "customs.restricted", "note", 1), (5, "customs.prohibited", "hold", 1),
    ]  # fmt: skip
    assert decided.issues.filter(pl.col("order_id") == 1)["detail"][0] == "EU 6109: permit (test)"


@pytest.mark.django_db
def test_the_page_takes_a_list_in_and_finds_a_name_in_any_script(client, ada, cy):
    client.force_login(ada)
    sdn = SimpleUploadedFile("sdn_2026-05-01.csv", FIRST)
    reply = client.post("/customs/screening/upload/", {"sdn": sdn, "alt": SimpleUploadedFile("alt.csv", ALT)})
    assert reply.status_code == 302
    assert SanctionList.objects.get().version == date(2026, 5, 1)

    page = client.get("/customs/screening/", {"name": "Иван Петров"}).content.decode()
    assert "PETROV, Ivan Sergeevich" in page
    assert "ent_num" in page

    refused = client.post("/customs/screening/upload/", {"sdn": SimpleUploadedFile("x.csv", b"a,b\n")})
    assert refused.status_code == 422
    client.force_login(cy)
    assert client.get("/customs/screening/").status_code == 403
