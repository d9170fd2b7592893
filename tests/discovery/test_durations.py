"""Lengths of recordings, as pages, feeds and people write them."""

import pytest

from aligner.discovery.durations import clock_ms, duration_ms, labelled_ms

LENGTH = 197_000
FORMS = (
    "PT3M17S",
    "pt3m17s",
    "PT197S",
    "PT0H3M17S",
    "P0DT0H3M17S",
    "P0Y0M0DT0H3M17S",
    "P0Y0M0W0DT3M17S",
    "P0Y0M0DT0H3M17.000S",
    "PT3M17,0S",
    "P3M17S",
    "T3M17S",
    "3M17S",
    "PT00:03:17",
    "T00:03:17",
    "P0000-00-00T00:03:17",
    "00:03:17",
    "0:03:17",
    "3:17",
    "00:03:17.000",
    "03:17,0",
    "197",
    "197.0",
    " 197 ",
    "197s",
    "197 s",
    "197 sec",
    "197 seconds",
    "3 min 17 s",
    "3 min. 17 sec.",
    "3m 17s",
    "3 minutes, 17 seconds",
    "3 minutes and 17 seconds",
    "3 Minuten und 17 Sekunden",
    "3 мин 17 с",
    "3 мин. 17 сек.",
    "3 хв 17 с",
    "3分17秒",
    "3'17\"",
    "3′17″",
    "3 minutos y 17 segundos",
)


@pytest.mark.parametrize("text", FORMS)
def test_one_length_in_many_forms(text: str) -> None:
    assert duration_ms(text) == LENGTH


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ("PT1M2S", 62_000),
        ("PT0H06M33S", 393_000),
        ("P0DT0H1M0.5S", 60_500),
        ("pt51s", 51_000),
        ("P1DT1H", 90_000_000),
        ("P1W", 604_800_000),
        ("PT2H", 7_200_000),
        ("1 h 2 min", 3_720_000),
        ("1:02:03", 3_723_000),
        ("100:00", 6_000_000),
        (62, 62_000),
        (62.5, 62_500),
        ("P3M", 180_000),
        ({"@type": "Duration", "name": "PT3M17S"}, LENGTH),
        ({"value": "197"}, LENGTH),
        ("PT0S", None),
        ("0", None),
        (0, None),
        (True, None),
        ("", None),
        ("PT", None),
        ("P", None),
        (None, None),
        (["PT3M"], None),
        ("1:2:3:4", None),
        ("3 min read", None),
        ("2026-11-30", None),
        ("10:15 am", None),
        ("P1Y", None),
        ("no time", None),
        ("-5", None),
        ({}, None),
    ],
)
def test_durations(value: object, ms: int | None) -> None:
    assert duration_ms(value) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("Listen (3:17)", LENGTH),
        ("Length: 3:17", LENGTH),
        ("3:17", LENGTH),
        ("· 0:03:17", LENGTH),
        ("Duration 3 min 17 s", LENGTH),
        ("Listen to this article · 3 min", 180_000),
        ("Dauer: 3:17", LENGTH),
        ("Length: 197", None),
        ("2 minutes ago", None),
        ("3 min read", None),
        ("Published at 10:15", None),
        ("0:00", None),
        ("", None),
    ],
)
def test_lengths_beside_a_player(text: str, ms: int | None) -> None:
    assert labelled_ms(text) == ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0:00 0:03:17 0:00", LENGTH),
        ("· 0:03:17", LENGTH),
        ("Listen (3:17)", LENGTH),
        ("1:02:03", 3_723_000),
        ("0:00", None),
        ("1:2:3:4", None),
        ("no time", None),
    ],
)
def test_clocks(text: str, ms: int | None) -> None:
    assert clock_ms(text) == ms
