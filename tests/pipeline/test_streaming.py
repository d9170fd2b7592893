"""A recording that is listened to while it is still being decoded."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from speech import Spoken

from aligner.audio.vad import speech
from aligner.pipeline import steps
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress
from aligner.pipeline.resources import for_one_article
from aligner.pipeline.state import StepContext, initial_state
from aligner.pipeline.streaming import Progress, StreamingTranscriber, TranscriptionStopped
from aligner.types import Audio, AudioSoFar

SAMPLE = Path(__file__).parents[2] / "samples" / "russia-and-assad"
OPTIONS = Options(
    media=str(SAMPLE / "russia-and-assad.mp4"),
    engine="recorded",
    model=str(SAMPLE / "transcript.json"),
)


def ears() -> list[str]:
    return [
        thread.name for thread in threading.enumerate() if thread.name.startswith("transcriber")
    ]


@pytest.mark.slow
def test_it_is_heard_while_more_is_coming(spoken: Spoken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "BLOCK", 70)
    early = threading.Event()

    def hear(arrivals: Iterable[AudioSoFar], _progress: Progress) -> list[AudioSoFar]:
        came = []
        for arrived in arrivals:
            came.append(arrived)
            if arrived.speech.segments:
                early.set()
        return came

    ear = StreamingTranscriber(hear, lambda *_: None)
    try:
        ear.more(Audio(spoken.audio.samples[: len(spoken.audio.samples) * 4 // 5], 16_000))
        assert early.wait(60)
        came = ear.whole(spoken.audio)
    finally:
        ear.close()
    assert [one.whole for one in came] == [False, True]
    assert came[0].audio.duration_ms < came[1].audio.duration_ms
    assert not ears()


def test_progress_is_told_when_all_is_there(spoken: Spoken) -> None:
    told: list[tuple[int, int]] = []
    asked = threading.Event()

    def hear(arrivals: Iterable[AudioSoFar], progress: Progress) -> None:
        progress(1, 2)
        asked.set()
        for _ in arrivals:
            pass
        progress(2, 2)

    ear = StreamingTranscriber(hear, lambda done, total: told.append((done, total)))
    assert asked.wait(60)
    ear.whole(spoken.audio)
    assert told == [(2, 2)]


def test_what_hearing_raises_is_raised(spoken: Spoken) -> None:
    def hear(_arrivals: Iterable[AudioSoFar], _progress: Progress) -> None:
        raise OSError("deaf")

    with pytest.raises(OSError, match="deaf"):
        StreamingTranscriber(hear, lambda *_: None).whole(spoken.audio)
    assert not ears()


@pytest.mark.parametrize("asks", ["waits", "tells"])
def test_closed_it_stops(spoken: Spoken, asks: str) -> None:
    ended: list[type[BaseException]] = []
    begun = threading.Event()

    def hear(arrivals: Iterable[AudioSoFar], progress: Progress) -> None:
        begun.set()
        try:
            for _ in arrivals:
                pass
            while asks == "tells":
                progress(0, 1)
        except TranscriptionStopped as error:
            ended.append(type(error))
            raise

    ear = StreamingTranscriber(hear, lambda *_: None)
    assert begun.wait(60)
    if asks == "tells":
        ear._incoming.put((spoken.audio, True))
    ear.close()
    assert ended == [TranscriptionStopped]
    assert not ears()


@pytest.mark.slow
def test_an_interruption_while_decoding_leaves_nobody_listening() -> None:
    class Impatient(NullProgress):
        def advance(self, _done: int, _total: int | None) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.caption(str(SAMPLE / "index.html"), OPTIONS, Impatient())
    assert not ears()


@pytest.mark.slow
def test_listening_meanwhile_changes_nothing(tmp_path: Path) -> None:
    source = str(SAMPLE / "index.html")
    desk = StepContext(
        OPTIONS, tmp_path, replace(for_one_article(OPTIONS), streaming=False), NullProgress()
    )
    work = initial_state(source)
    for step in steps.STEPS.values():
        work = step(work, desk)
    assert work.result == steps.caption(source, OPTIONS)
