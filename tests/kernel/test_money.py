"""Money and costs of single values: discounts, first in first out, costs that come later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.costing import fifo_costs, late_cost
from entrepot.kernel.money import MoneyError, percent_off

AMOUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=6)


def test_a_discount_by_line_and_on_the_sum_differ_by_the_rounding():
    prices = [106, 206, 306, 406]
    assert sum(percent_off(prices, 100_000, "line")) == 104
    assert sum(percent_off(prices, 100_000, "sum")) == 102


@given(prices=AMOUNTS, rate=st.integers(0, 10**6), per=st.sampled_from(["line", "sum"]))
def test_a_discount_never_takes_more_than_there_is(prices, rate, per):
    off = percent_off(prices, rate, per)
    assert len(off) == len(prices)
    assert 0 <= sum(off) <= sum(prices)


@pytest.mark.parametrize(("rate", "per"), [(1_000_001, "line"), (-1, "sum"), (5, "piece")])
def test_a_discount_that_is_none_is_refused(rate, per):
    with pytest.raises(MoneyError):
        percent_off([100], rate, per)


def test_first_in_first_out_crosses_receipts():
    assert fifo_costs([(4, 10), (2, 25)], [3, 1, 1, 1]) == [30, 10, 25, 25]
    assert fifo_costs([(4, 10), (2, 25)], [5]) == [65]


@pytest.mark.parametrize(("receipts", "issues"), [([(1, 5)], [2]), ([(-1, 5)], []), ([(1, 5)], [-1])])
def test_more_than_there_is_or_a_negative_quantity_is_refused(receipts, issues):
    with pytest.raises(MoneyError):
        fifo_costs(receipts, issues)


@given(amount=st.integers(0, 10**9), received=st.integers(1, 1000), data=st.data())
def test_a_late_cost_is_split_whole_between_stock_and_goods_sold(amount, received, data):
    sold = data.draw(st.integers(0, received))
    to_stock, to_sold = late_cost(amount, received, sold)
    assert to_stock + to_sold == amount
    assert min(to_stock, to_sold) >= 0
    assert (sold > 0) or to_sold == 0


def test_a_late_cost_of_nothing_received_is_refused():
    with pytest.raises(MoneyError):
        late_cost(100, 0, 0)
