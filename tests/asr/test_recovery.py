"""Speech that a decoding skips is decoded again, with a decoder whose every fault is known.

Its sound is made of words of 400 ms. A sample's value tells which word it belongs to, and its
hundreds which voice says it; 0 is silence. So whatever is cut out of the sound, what is said in it
is known, and no word may be lost, come twice, or come in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from fake_engine import FakeEngine
from numpy.typing import NDArray

from aligner.asr.base import ListenOptions
from aligner.asr.recovery import Recovery
from aligner.asr.whisper.model import (
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
)
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments, Transcript, Word

RATE = 16_000
WORD_MS, GAP_MS, PAUSE_MS = 400, 100, 400
"""A word with the moment after it that no detector takes for a pause; a pause between turns."""
FULL_SCALE = 32_768

Say = Callable[[list[int], Span, DecodeOptions], list[int]]
"""Returns the words to decode, given those in a sound, the span of the sound, and the options."""


@dataclass
class VoicesEngine(FakeEngine):
    """Decodes those of the words in a sound that ``say`` returns."""

    say: Say
    encoded: list[int] = field(default_factory=list)
    """Milliseconds of each sound that was encoded."""

    default_beam_size = 5
    logprob = -0.2
    text: str | None = None
    """What it writes for every word, if that is always the same."""

    def recovered(self, arrived: AudioSoFar, words: list[int]) -> list[int]:
        """The words of a window of which some were heard first."""
        known = Transcript("en", tuple(
            Word(written(n).strip(), at * WORD_MS, at * WORD_MS + 300, 0.9)
            for at, n in enumerate(words)
        ), self.info)  # fmt: skip

        def sound(span: Span) -> NDArray[np.float32]:
            return arrived.audio.window(span.start, span.end)

        (window,) = arrived.windows
        recovery = Recovery(self, "en", 5, sound, arrived.speech.segments)
        found = recovery.recover(window, known.words, lambda: self.encode([sound(window)])[0])
        return numbers(replace(known, words=tuple(found)))

    def encode(
        self,
        sounds: Sequence[NDArray[np.float32]],
        *,
        tight: bool = False,  # noqa: ARG002
    ) -> list[EncoderOutput]:
        self.encoded += [len(sound) * 1000 // RATE for sound in sounds]
        return [EncoderOutput(s[None, :, None] * FULL_SCALE, len(s) // 160) for s in sounds]

    def decode(
        self, encoded: Sequence[EncoderOutput], _language: str, how: DecodeOptions
    ) -> list[DecodingResult]:
        said = [self.say(*words_in(window), how) for window in encoded]
        texts = [" ".join(self.text or str(word) for word in words) for words in said]
        pairs = zip(said, texts, strict=True)
        return [DecodingResult(tuple(words), text, self.logprob, 0.1) for words, text in pairs]

    def align(
        self, encoded: Sequence[EncoderOutput], _language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        found = []
        for window, text in zip(encoded, texts, strict=True):
            values = np.rint(window.features[0, :, 0]).astype(int)
            starts = [int(np.flatnonzero(values == token)[0]) / RATE for token in text]
            found.append(
                [
                    WordTiming(written(t), s, s + 0.39, 0.9)
                    for t, s in zip(text, starts, strict=True)
                ]
            )
        return found


def written(number: int) -> str:
    """A word as it is written: three letters, since digits take longer to say."""
    return " " + "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")


def words_in(window: EncoderOutput) -> tuple[list[int], Span]:
    """The words that a sound holds, in order, and its length."""
    values = np.rint(window.features[0, :, 0]).astype(int)
    edges = np.flatnonzero(np.diff(values, prepend=0))
    return [int(values[at]) for at in edges if values[at]], Span(0, len(values) * 1000 // RATE)


def silence(ms: int) -> NDArray[np.int16]:
    return np.zeros(ms * RATE // 1000, np.int16)


def sound(number: int) -> NDArray[np.int16]:
    return np.full((WORD_MS - GAP_MS) * RATE // 1000, number, np.int16)


def recording(*turns: tuple[int, int], pause_ms: int = PAUSE_MS) -> AudioSoFar:
    """Turns, each a voice and how many words it says -> their sound, in one window."""
    parts: list[NDArray[np.int16]] = []
    speech: list[Span] = []
    at, said = 0, 0
    for voice, count in turns:
        ms = count * WORD_MS
        numbers = [100 * voice + said + k + 1 for k in range(count)]
        parts += [part for number in numbers for part in (sound(number), silence(GAP_MS))]
        parts.append(silence(pause_ms))
        speech.append(Span(at, at + ms))
        at, said = at + ms + pause_ms, said + count
    audio = Audio(np.concatenate(parts), RATE)
    if not pause_ms:
        speech = [Span(0, at)]
    return AudioSoFar(audio, SpeechSegments(tuple(speech)), (Span(0, at),))


def heard(engine: VoicesEngine, arrived: AudioSoFar) -> Transcript:
    return engine.transcribe([arrived], options=ListenOptions("en"), progress=lambda *_: None)


def numbers(found: Transcript) -> list[int]:
    return [
        int("".join(str("abcdefghij".index(letter)) for letter in word.text))
        for word in found.words
    ]


def spoken(*turns: tuple[int, int]) -> list[int]:
    """The words that the turns of a recording say."""
    counted = [voice for voice, count in turns for _ in range(count)]
    return [100 * voice + at + 1 for at, voice in enumerate(counted)]


def everything(words: list[int], _span: Span, _how: DecodeOptions) -> list[int]:
    return words


def first_voice(words: list[int], _span: Span, how: DecodeOptions) -> list[int]:
    """Follows the first voice and skips others, unless it writes time stamps."""
    return [w for w in words if how.timestamps or w // 100 == words[0] // 100]


def first_voice_always(words: list[int], _span: Span, _how: DecodeOptions) -> list[int]:
    """Follows the first voice and skips others, whatever is tried."""
    return [w for w in words if w // 100 == words[0] // 100]


def only_short(words: list[int], span: Span, _how: DecodeOptions) -> list[int]:
    """Stops after three words of a sound that is longer than 12 s."""
    return words[:3] if len(span) > 12_000 else words


def late(words: list[int], span: Span, _how: DecodeOptions) -> list[int]:
    """Leaves out the first half of a sound that is longer than 8 s."""
    return words[len(words) // 2 :] if len(span) > 8_000 else words


TURNS = [
    ((1, 10), (2, 15), (1, 10)),
    ((1, 3), (2, 30), (1, 3)),
    ((2, 5), (1, 30)),
    ((1, 30), (2, 4)),
    ((1, 8), (2, 8), (1, 8), (3, 8), (1, 8)),
    ((1, 12), (2, 3), (1, 12), (2, 3), (1, 12)),
    ((1, 40),),
]


@pytest.mark.parametrize("turns", TURNS, ids=str)
@pytest.mark.parametrize("say", [everything, first_voice, first_voice_always, only_short, late])
def test_every_word_is_heard_once_and_in_order(
    say: Say, turns: tuple[tuple[int, int], ...]
) -> None:
    found = heard(VoicesEngine(say), recording(*turns))
    assert numbers(found) == spoken(*turns)
    starts = [word.start_ms for word in found.words]
    assert starts == sorted(starts)


def test_turns_without_a_pause_between_them_are_cut_all_the_same() -> None:
    turns = ((1, 20), (2, 20), (1, 20))
    found = numbers(heard(VoicesEngine(first_voice_always), recording(*turns, pause_ms=0)))
    assert found == spoken(*turns)


def test_a_window_without_gaps_is_decoded_once() -> None:
    engine = VoicesEngine(everything)
    heard(engine, recording((1, 30), (2, 30)))
    assert len(engine.encoded) == 1


def test_time_stamps_are_tried_before_anything_is_cut() -> None:
    engine = VoicesEngine(first_voice)
    heard(engine, recording((1, 10), (2, 15), (1, 10)))
    assert len(engine.encoded) == 1


def test_parts_are_cut_at_the_pauses_around_what_was_skipped() -> None:
    engine = VoicesEngine(first_voice_always)
    heard(engine, recording((1, 10), (2, 15), (1, 10)))
    assert engine.encoded == [15_200, 4_200, 6_400, 4_600]


def test_few_words_over_long_sound_are_no_speech() -> None:
    """Music that passes for speech: a word or two, however it is cut."""
    found = heard(VoicesEngine(lambda words, _span, _how: words[:1]), recording((1, 60)))
    assert len(found.words) <= 1


def test_unintelligible_speech_costs_a_limited_number_of_decodings() -> None:
    engine = VoicesEngine(lambda _words, _span, _how: [])
    assert not heard(engine, recording((1, 60))).words
    assert len(engine.encoded) <= 7


def test_improbable_text_does_not_fill_a_gap() -> None:
    engine = VoicesEngine(first_voice)
    engine.logprob = -1.5
    assert numbers(heard(engine, recording((1, 10), (2, 15)))) == spoken((1, 10))


def test_repetition_does_not_fill_a_gap() -> None:
    """What recognisers make up over singing; real time stamps say when, and still it is refused."""
    engine = VoicesEngine(lambda words, _span, _how: words)
    engine.text = "ha"
    turns = ((1, 10), (2, 15))
    assert engine.recovered(recording(*turns), spoken((1, 10))) == spoken((1, 10))
    engine.text = None
    assert engine.recovered(recording(*turns), spoken((1, 10))) == spoken(*turns)


def test_the_first_words_stay_where_nothing_better_is_found() -> None:
    def whole_alone(words: list[int], span: Span, _how: DecodeOptions) -> list[int]:
        return words[:12] if len(span) > 15_000 else []

    turns = ((1, 10), (2, 30))
    assert numbers(heard(VoicesEngine(whole_alone), recording(*turns))) == spoken(*turns)[:12]
