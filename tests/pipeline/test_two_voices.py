"""Recordings of several synthetic voices, and difficult ones of one, with the speaker model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from speech import RATE, say, silence

from aligner.audio import speakers
from aligner.cli import aligner as command
from aligner.types import Audio, CaptionWord, VoiceLimits

pytestmark = pytest.mark.weights

Sound = NDArray[np.int16]
Change = Callable[[Sound], Sound]

PRINTED = (
    "The minister told reporters on Monday that the bridge will open in the spring, after two years"
    " of work and many delays.",
    "“The people of this town have waited far too long for the bridge, and they will not wait for"
    " another winter,” Karl Weber said.",
    "The council will meet on Friday, and it will then decide about the money for the road.",
)
"""An article. The quotation is said by another voice, without the words around it."""
TURNS = (
    PRINTED[0],
    "The people of this town have waited far too long for the bridge, and they will not wait for"
    " another winter.",
    PRINTED[2],
)
INTRO = "Union leader Karl Weber met the minister."


@pytest.fixture(scope="module")
def turns(voice: Any) -> list[Sound]:
    """The turns, all said by the same voice."""
    return [say(voice, text) for text in TURNS]


def other(sound: Sound, by: float = 1.3) -> Sound:
    """The sound as of another person: a vocal tract that is shorter by this factor."""
    at = np.arange(0, len(sound) - 1, by)
    return np.asarray(np.interp(at, np.arange(len(sound)), sound), np.int16)


def by_telephone(sound: Sound) -> Sound:
    """The sound above 300 Hz at 8 kHz in 8 bits by the mu-law, as in ITU-T G.711."""
    high = _filtered(sound, lambda hz: 1 / np.sqrt(1 + (300 / np.maximum(hz, 1e-3)) ** 8))
    narrow = _resampled(high, RATE, 8000) / 32768
    coded = np.sign(narrow) * np.round(np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    heard = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    return _resampled(np.asarray(heard * 32767, np.int16), 8000, RATE)


def _resampled(sound: Sound, rate: int, to: int) -> Sound:
    frame = av.AudioFrame.from_ndarray(sound[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=to)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in made])


def with_a_cold(sound: Sound) -> Sound:
    """The sound of a stuffed nose: less of the resonance at 250 Hz and of what is above 2 kHz."""
    return _filtered(
        other(sound, 0.97),
        lambda hz: (1 - 0.7 * np.exp(-(((hz - 250) / 120) ** 2))) / (1 + (hz / 2000) ** 2),
    )


def _filtered(sound: Sound, gain: Callable[[NDArray[Any]], NDArray[Any]]) -> Sound:
    lines = np.fft.rfft(sound.astype(float))
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return np.asarray(np.clip(np.fft.irfft(lines * gain(hz), len(sound)), -32e3, 32e3), np.int16)


def recording(parts: Sequence[Sound]) -> tuple[Audio, list[CaptionWord], list[int]]:
    """The parts after one another, words of 300 ms in them, and the part of each word."""
    samples, words, of_part = [silence(300)], [], []
    at = 300
    for number, part in enumerate(parts):
        length = len(part) * 1000 // RATE
        starts = range(at, at + length - 300, 300)
        words += [CaptionWord("word", start, start + 300, "spoken", 1) for start in starts]
        words[-1] = replace(words[-1], text="word.")
        of_part += [number] * len(starts)
        samples += [part, silence(500)]
        at += length + 500
    return Audio(np.concatenate(samples), RATE), words, of_part


def voices_of(
    parts: Sequence[Sound], model: Path, limits: VoiceLimits | None = None
) -> list[set[int]]:
    """The voices that are heard in each part."""
    audio, words, of_part = recording(parts)
    found = speakers.diarize(audio, words, model, limits or VoiceLimits())
    return [{v for v, p in zip(found, of_part, strict=True) if p == n} for n in range(len(parts))]


def test_another_voice_is_told_apart(campplus: Path, turns: list[Sound]) -> None:
    assert voices_of([turns[0], other(turns[1]), turns[2]], campplus) == [{0}, {1}, {0}]


@pytest.mark.parametrize("changed", [by_telephone, with_a_cold])
def test_one_voice_in_other_sound_is_one(
    campplus: Path, turns: list[Sound], changed: Change
) -> None:
    assert voices_of([turns[0], changed(turns[1]), turns[2]], campplus) == [{0}, {0}, {0}]


def test_one_voice_with_a_cold_and_a_telephone(campplus: Path, turns: list[Sound]) -> None:
    heard = [with_a_cold(turns[0]), by_telephone(with_a_cold(turns[1])), with_a_cold(turns[2])]
    assert voices_of(heard, campplus) == [{0}, {0}, {0}]


def test_one_voice_if_the_user_says_so(campplus: Path, turns: list[Sound]) -> None:
    dialogue = [turns[0], other(turns[1]), turns[2]]
    assert voices_of(dialogue, campplus, VoiceLimits(1, 1)) == [{0}, {0}, {0}]


def test_a_choir_is_one_voice(campplus: Path, turns: list[Sound]) -> None:
    """Six voices that say the same at once."""
    longest = max(len(turn) for turn in turns) * 2

    def together(turn: Sound) -> Sound:
        parts = [other(turn, by).astype(float) / 6 for by in (0.85, 0.95, 1.0, 1.1, 1.2, 1.3)]
        length = min(len(part) for part in parts)
        return np.asarray(sum(part[:length] for part in parts), np.int16)[:longest]

    assert voices_of([together(turn) for turn in turns], campplus) == [{0}, {0}, {0}]


# ---------------------------------------------------------------- by the command


def write(path: Path, samples: Sound) -> None:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def captioned(folder: Path, samples: Sound, *more: str) -> Path:
    """The folder of the captions of a recording, by the article."""
    folder.mkdir(exist_ok=True)
    article, heard = folder.parent / "story.txt", folder.parent / "heard.wav"
    article.write_text("\n\n".join((INTRO, *PRINTED)), "utf-8")
    write(heard, samples)
    given = ["caption", str(article), "--media", str(heard), "-o", str(folder), *more]
    ran = CliRunner().invoke(command, given)
    assert ran.exit_code in (0, 6), ran.output
    return folder


@pytest.mark.slow
def test_a_quoted_person_is_named_in_the_captions(
    tmp_path: Path, campplus: Path, turns: list[Sound]
) -> None:
    audio, _, _ = recording([turns[0], other(turns[1], 1.2), turns[2]])
    samples = np.asarray(audio.samples)
    named = captioned(tmp_path / "named", samples, "--speakers", "names")
    record = json.loads((named / "story.json").read_text("utf-8"))
    assert [voice["name"] for voice in record["voices"]] == [None, "Karl Weber"]
    assert "article quotes of Karl Weber" in record["voices"][1]["evidence"][0]
    said = " ".join(word["text"] for word in record["words"] if word.get("speaker") == "2")
    assert "The people of this town" in said
    assert said.split()[-1].startswith("winter")
    assert "<v Karl Weber>" in (named / "story.vtt").read_text("utf-8")
    usual = captioned(tmp_path / "usual", samples)
    plain = captioned(tmp_path / "plain", samples, "--speakers", "off")
    one = captioned(tmp_path / "one", samples, "--speakers", "names", "--voices", "1")
    for suffix in ("json", "vtt", "txt"):
        assert (usual / f"story.{suffix}").read_bytes() == (named / f"story.{suffix}").read_bytes()
        assert (one / f"story.{suffix}").read_bytes() == (plain / f"story.{suffix}").read_bytes()


@pytest.mark.slow
def test_a_recording_of_less_than_a_second(
    tmp_path: Path, campplus: Path, turns: list[Sound]
) -> None:
    short = captioned(tmp_path / "short", turns[0][: RATE * 8 // 10], "--speakers", "names")
    assert "voices" not in json.loads((short / "story.json").read_text("utf-8"))
