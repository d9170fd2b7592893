"""Budgets of requests, bytes and time, which our client spends beneath its sockets."""

import time
from collections.abc import Iterator

import pytest
from server import Reply, Server, megabytes, redirect

from aligner.errors import PageUnavailable
from aligner.net.budget import ENOUGH, Budget, BudgetExceeded, BudgetLimits, apart, current, limited
from aligner.net.client import Session, WebOptions
from aligner.net.options import NetworkOptions

HERE = WebOptions(allow_private=True, timeout_s=10, net=NetworkOptions(retries=0))
PAGE = b"<!doctype html><title>T</title><p>Words of a page.</p>"


@pytest.fixture
def server() -> Iterator[Server]:
    routes = {
        "/a": Reply(PAGE),
        "/big": megabytes(5),
        "/drip": Reply(PAGE, drip_s=0.2),
        "/to-a": redirect("/a"),
    }
    with Server(routes) as made:
        yield made


def test_requests_are_counted_with_redirects(server: Server) -> None:
    with Session(HERE) as session, limited(BudgetLimits(requests=3)):
        session.fetch(server.url("/a"))
        session.fetch(server.url("/to-a"))
        with pytest.raises(PageUnavailable, match="takes more than 3 requests"):
            session.fetch(server.url("/a"))
    assert len(server.asked) == 3


def test_bytes_are_counted_over_all_requests(server: Server) -> None:
    with Session(HERE) as session, limited(BudgetLimits(bytes=8_000_000)):
        session.fetch(server.url("/big"))
        with pytest.raises(PageUnavailable, match="takes more than 8 MB"):
            session.fetch(server.url("/big"))


def test_time_is_counted_over_all_requests(server: Server) -> None:
    began = time.monotonic()
    with Session(HERE) as session, limited(BudgetLimits(seconds=1)):
        for _ in range(2):
            with pytest.raises(PageUnavailable, match="takes more than 1 s"):
                session.fetch(server.url("/drip"))
    assert time.monotonic() - began < 2
    assert len(server.asked) == 1


def test_the_innermost_of_nested_budgets_ends_first(server: Server) -> None:
    with Session(HERE) as session, limited(BudgetLimits(requests=3)) as outer:
        with limited(BudgetLimits(requests=1)):
            session.fetch(server.url("/a"))
            with pytest.raises(PageUnavailable, match="more than 1 requests"):
                session.fetch(server.url("/a"))
        session.fetch(server.url("/a"))
        session.fetch(server.url("/a"))
        with pytest.raises(PageUnavailable, match="more than 3 requests"):
            session.fetch(server.url("/a"))
        assert current() is outer
    assert current().seconds_left() > 1e9


def test_waiting_for_ones_turn_does_not_count(server: Server) -> None:
    options = WebOptions(allow_private=True, delay_s=0.5)
    with Session(options) as session, limited(BudgetLimits(seconds=0.8)):
        for _ in range(4):
            session.fetch(server.url("/a"))


@pytest.mark.parametrize(("received", "left"), [(0, False), (ENOUGH, True)])
def test_a_download_that_is_sent_takes_no_time_of_the_search(received: int, left: bool) -> None:
    with limited(BudgetLimits(seconds=0.3)) as search:
        with apart(BudgetLimits()) as download:
            download.receive(received)
            time.sleep(0.4)
        assert bool(search.seconds_left()) is left


def test_a_spent_budget_allows_no_wait() -> None:
    spent = Budget(BudgetLimits(seconds=0))
    with pytest.raises(BudgetExceeded):
        spent.wait(5)
    assert 0 < Budget(BudgetLimits(seconds=9)).wait(0) < 0.1
