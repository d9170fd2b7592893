"""Of two channels with different sound the one with the speech is taken."""

from __future__ import annotations

import logging
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, Spoken
from tones import media_file

from aligner.asr.backends import recorded
from aligner.audio.decode import decode
from aligner.pipeline import steps
from aligner.pipeline.channels import Choice, choose, with_speech_channel
from aligner.pipeline.options import Options
from aligner.types import (
    Audio,
    AudioSoFar,
    Channel,
    EngineInfo,
    Span,
    SpeechSegments,
    Transcript,
    Word,
)

Sound = NDArray[np.int16]
NOTHING = Audio(np.zeros(0, np.int16), 16_000)
TALK = SpeechSegments((Span(0, 8_000), Span(9_000, 15_000), Span(16_000, 60_000)))
OTHER = SpeechSegments((Span(500, 30_000), Span(30_500, 58_000)))
QUESTIONS = SpeechSegments((Span(7_000, 9_500), Span(15_000, 17_000)))
NONE = SpeechSegments(())
ONE_ERROR = SpeechSegments((Span(70_000, 70_300),))


def sound(speech: SpeechSegments) -> AudioSoFar:
    return AudioSoFar(NOTHING, speech, speech.segments)


def spoken_in(languages: str | None) -> dict[str, float] | None:
    """The probabilities of languages, of which the first is the most probable one."""
    first, *others = (languages or "").split() or [""]
    return {first: 0.7} | dict.fromkeys(others, 0.2) | {"xx": 0.01} if first else None


CHOICES: list[tuple[str, tuple[SpeechSegments, SpeechSegments], tuple[str | None, str | None],
                    str | None, Channel | None, bool]] = [
    # name, speech, languages, stated language, what is taken, whether that is sure
    ("music on the right", (TALK, NONE), (None, None), None, "left", True),
    ("music on the left", (NONE, TALK), (None, None), "en", "right", True),
    ("music with a moment of speech", (ONE_ERROR, TALK), (None, None), "en", "right", True),
    ("music alone", (NONE, NONE), (None, None), "en", None, True),
    ("in turn", (TALK, QUESTIONS), ("en", "fr"), "fr", None, True),
    ("stated on the left", (TALK, OTHER), ("en", "fr"), "en-GB", "left", True),
    ("stated on the right", (TALK, OTHER), ("en", "nb"), "no", "right", True),
    ("the stated one is second", (TALK, OTHER), ("en", "la fr"), "fr", "right", True),
    ("both may be the stated one", (TALK, OTHER), ("no sv", "da sv"), "sv", "left", False),
    ("the same language", (TALK, OTHER), ("en", "en"), "en", None, True),
    ("the same speech", (TALK, TALK), ("de", "de"), "en", None, True),
    ("no language stated", (TALK, OTHER), ("en", "fr"), None, "left", False),
    ("neither is stated", (TALK, OTHER), ("en", "fr"), "de", "left", False),
    ("a model of one language", (TALK, OTHER), (None, None), "en", None, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("speech", "languages", "stated", "channel", "sure"),
    [case[1:] for case in CHOICES], ids=[case[0] for case in CHOICES],
)  # fmt: skip
def test_choice(
    speech: tuple[SpeechSegments, SpeechSegments],
    languages: tuple[str | None, str | None],
    stated: str | None,
    channel: Channel | None,
    sure: bool,
) -> None:
    left, right = map(sound, speech)
    said = {id(left): spoken_in(languages[0]), id(right): spoken_in(languages[1])}
    choice = choose(left, right, stated, lambda one: said[id(one)])
    assert (choice.channel, choice.is_sure) == (channel, sure)
    assert bool(choice.reason) == (channel is not None or not sure)


def test_languages_are_named_in_the_reason() -> None:
    left, right = sound(TALK), sound(OTHER)
    choice = choose(left, right, "fr", lambda one: spoken_in("en" if one is left else "fr"))
    assert choice == Choice(
        "right", "its channels are in English (left) and French (right); the right one is captioned"
    )


def write_stereo(path: Path, left: Sound, right: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("channel", [0, 1])
def test_speech_beside_music_is_taken_from_its_channel(
    spoken: Spoken, tmp_path: Path, caplog: pytest.LogCaptureFixture, channel: int
) -> None:
    """The chord, as loud as the voice, is in the other channel alone."""
    voice = spoken.audio.samples
    t = np.arange(len(voice)) / RATE
    hertz = np.array([[220], [277], [330], [440]])
    chord = (np.sin(2 * np.pi * hertz * t).sum(axis=0) * 2000).astype("<i2")
    both = [chord, chord]
    both[channel] = voice
    media = tmp_path / "talk.wav"
    write_stereo(media, *both)
    text = " ".join(spoken.sentences)
    first = spoken.spans[0].start
    words = tuple(
        Word(word, first + 200 * at, first + 200 * at + 150, 0.9)
        for at, word in enumerate(text.split())
    )
    heard = tmp_path / "heard.json"
    transcript = Transcript("en", words, EngineInfo("recorded", "x"))
    heard.write_text(recorded.as_text(transcript), "utf-8")
    article = tmp_path / "article.txt"
    article.write_text(f"The roads\n\n{text}\n", "utf-8")
    options = Options(
        engine="recorded", model=str(heard), media=str(media), workplace=tmp_path, language="en"
    )
    with caplog.at_level(logging.INFO, "aligner.pipeline.channels"):
        outcome = steps.caption(str(article), options)
    assert outcome.status == "captioned"
    side = ("left", "right")[channel]
    assert f"only the {side} channel has speech" in caplog.text
    kept = {path.name for path in tmp_path.glob("*.pcm")}
    assert len(kept) == 2
    assert any(name.endswith(".speech.pcm") for name in kept)


# ---------------------------------------------------------------- from the middle on

LENGTH = 20 * RATE
"""The samples of a stretch."""


@pytest.fixture(scope="module")
def talk(spoken: Spoken) -> Sound:
    """Somebody who speaks without long pauses."""
    pause = np.zeros(RATE // 5, np.int16)
    spans = [(span.start * RATE // 1000, span.end * RATE // 1000) for span in spoken.spans]
    said = [part for a, b in spans for part in (spoken.audio.samples[a:b], pause)]
    return np.resize(np.concatenate(said), LENGTH)


@pytest.fixture(scope="module")
def others(talk: Sound) -> dict[str, Sound]:
    """What may be in a channel: the same speech, other speech, music, nothing."""
    t = np.arange(LENGTH) / RATE
    hertz = np.array([[220], [277], [330], [440]])
    chord = (np.sin(2 * np.pi * hertz * t).sum(axis=0) * 2000).astype(np.int16)
    backwards = np.ascontiguousarray(talk[::-1])
    return {
        "talk": talk, "inverted": -talk, "other": backwards, "music": chord, "-": 0 * talk,
        "other music": np.roll(chord[::-1], 777),
    }  # fmt: skip


FROM_THE_MIDDLE: list[tuple[str, list[tuple[str, str]], list[str] | None]] = [
    # left and right of each stretch, and what is heard; None if it is the sum of the channels
    ("music in the second half", [("talk", "talk"), ("talk", "music")], ["talk", "talk"]),
    ("music in the first half", [("music", "talk"), ("talk", "talk")], ["talk", "talk"]),
    ("music changes the side", [("talk", "music"), ("talk", "talk"), ("music", "talk")],
     ["talk", "talk", "talk"]),
    ("another language later", [("talk", "talk"), ("talk", "other")], ["talk", "talk"]),
    ("another language in between", [("talk", "talk"), ("other", "talk"), ("talk", "talk")],
     ["talk", "talk", "talk"]),
    ("silence and another language", [("talk", "-"), ("talk", "other")], ["half", "talk"]),
    ("falls silent", [("talk", "talk"), ("talk", "-")], None),
    ("falls silent in turn", [("talk", "-"), ("-", "talk")], None),
    ("inverted later", [("talk", "talk"), ("talk", "inverted")], None),
    ("a jingle", [("music", "other music"), ("talk", "talk")], None),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stretches", "heard"),
    [case[1:] for case in FROM_THE_MIDDLE], ids=[case[0] for case in FROM_THE_MIDDLE],
)  # fmt: skip
def test_every_stretch_has_the_channel_with_the_speech(
    talk: Sound,
    others: dict[str, Sound],
    tmp_path: Path,
    stretches: list[tuple[str, str]],
    heard: list[str] | None,
) -> None:
    sides = [np.concatenate([others[pair[side]] for pair in stretches]) for side in (0, 1)]
    path = write_stereo(tmp_path / "talk.wav", *sides)
    media = media_file(path)

    def language(one: AudioSoFar) -> dict[str, float]:
        """The speech that is played backwards is French."""
        french = np.fft.rfft(others["other"], 2 * LENGTH * len(stretches))
        english = np.fft.rfft(talk, 2 * LENGTH * len(stretches))
        sound = np.fft.rfft(one.audio.samples, 2 * LENGTH * len(stretches))
        like = [np.abs(np.fft.irfft(sound * each.conj())).max() for each in (english, french)]
        return {"en": 0.9} if like[0] > like[1] else {"fr": 0.9}

    audio = decode(media, tmp_path)
    chosen = with_speech_channel(audio, media, tmp_path, "en", language)
    files = {file.name for file in tmp_path.glob("*.pcm")}
    if heard is None:
        assert chosen is None
        assert len(files) == 1
    else:
        assert chosen
        due = np.concatenate([talk // 2 if one == "half" else others[one] for one in heard])
        assert len(chosen.samples) == len(due)
        wrong = np.abs(chosen.samples.astype(np.int32) - due) > 40
        assert wrong.sum() < 1.5 * RATE * (len(stretches) - 1)  # where stretches meet
