"""The quota of disk space that downloads share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from threading import Event

import pytest

from aligner.jobs.disk_quota import DiskQuota
from aligner.jobs.staged_executor import RunStopped

LIMIT = 100


@pytest.fixture
def stopping() -> Event:
    return Event()


@pytest.fixture
def quota(stopping: Event) -> DiskQuota:
    return DiskQuota(LIMIT, stopping.is_set)


@pytest.fixture
def pool(stopping: Event) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made
        stopping.set()  # nobody waits for ever, whatever a test finds


def waits(entering: Future[None]) -> bool:
    try:
        entering.result(0.3)
    except StillWaiting:
        return True
    return False


def test_items_enter_while_space_is_left(quota: DiskQuota, pool: ThreadPoolExecutor) -> None:
    for item in range(3):
        quota.enter(item)
        quota.hold(item, LIMIT // 3)
    assert not waits(pool.submit(quota.enter, 3))


def test_an_item_waits_until_another_is_done(quota: DiskQuota, pool: ThreadPoolExecutor) -> None:
    quota.enter(1)
    quota.hold(1, LIMIT)
    entering = pool.submit(quota.enter, 2)
    assert waits(entering)
    quota.release(1)
    entering.result(60)


def test_an_item_that_is_larger_than_the_quota_goes_on_alone(
    quota: DiskQuota, pool: ThreadPoolExecutor
) -> None:
    quota.enter(1)
    quota.hold(1, 10 * LIMIT)
    assert not waits(pool.submit(quota.enter, 1))
    assert waits(pool.submit(quota.enter, 2))


def test_a_waiting_item_ends_with_the_run(
    quota: DiskQuota, pool: ThreadPoolExecutor, stopping: Event
) -> None:
    quota.enter(1)
    quota.hold(1, LIMIT)
    entering = pool.submit(quota.enter, 2)
    assert waits(entering)
    stopping.set()
    with pytest.raises(RunStopped):
        entering.result(60)


def test_an_item_that_is_released_twice_or_never_entered_changes_nothing(quota: DiskQuota) -> None:
    quota.release(1)
    quota.enter(1)
    quota.hold(1, LIMIT)
    quota.release(1)
    quota.release(1)
    quota.enter(2)
