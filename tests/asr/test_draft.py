"""Decoding with a draft, with a model whose every word is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import partial

import numpy as np
import pytest

from aligner.asr.draft.context import WindowAudio
from aligner.asr.draft.decoder import DraftDecoder
from aligner.asr.draft.index import Draft
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, TokenScores
from aligner.asr.whisper.word_timestamps import WordTiming, normalise
from aligner.types import DraftWord, Span, SpottedWord

WORD_MS = 400
ARTICLE = (
    "Ministers from three countries agreed on Monday to guard a border that armed groups cross. "
    "The talks in the capital took nine hours. Each country will send 1,200 soldiers by November. "
    "Farmers near the river said that they had heard such promises before. "
    "Rain is expected in the north, and the roads are not safe after dark."
)


@dataclass
class FakeModel:
    """Knows what is said: word k lasts from k * WORD_MS on. Notes what it is asked.

    The features of a window are its steps' numbers, so that a part of one shows where it lies.
    """

    spoken: list[str]
    asked: list[str] = field(default_factory=list)
    verified: int = 0
    vocabulary: list[str] = field(default_factory=list)

    def tokenize(self, text: str) -> tuple[int, ...]:
        if text not in self.vocabulary:
            self.vocabulary.append(text)
        return (self.vocabulary.index(text),)

    def score_tokens(
        self, encoded: EncoderOutput, _language: str, text: Sequence[int]
    ) -> TokenScores:
        """Words that are said in this order are sure; the others have no time and no chance."""
        self.verified += 1
        written = [normalise(self.vocabulary[t]) for t in text]
        first, heard = self._heard(encoded)
        logs, starts = [-6.0] * len(text), [0] * len(text)
        found = SequenceMatcher(None, written, [normalise(w) for w in heard], autojunk=False)
        at = 0
        for block in found.get_matching_blocks():
            for k in range(at, block.a):
                starts[k] = (first + block.b) * WORD_MS
            for k in range(block.size):
                logs[block.a + k] = -0.01
                starts[block.a + k] = (first + block.b + k) * WORD_MS
            at = block.a + block.size
        return TokenScores(tuple(logs), (*starts, (first + len(heard)) * WORD_MS))

    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        _language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        found = []
        for part, tokens in zip(encoded, before, strict=True):
            first, heard = self._heard(part)
            said = heard[len(tokens) :]
            self.asked.append(" ".join(said))
            ended = len(said) <= most and first + len(heard) >= len(self.spoken)
            found.append(PartialHypothesis(" ".join(said[:most]), ended, -0.7))
        return found

    def _heard(self, encoded: EncoderOutput) -> tuple[int, list[str]]:
        """The words that begin in a window or a part of one, and which is the first."""
        steps = np.unique(encoded.features[0, :, 0])
        steps = steps[steps * 20 < len(self.spoken) * WORD_MS]  # the rest is silence
        first, last = (int(steps[0]) * 20 + 200) // WORD_MS, int(steps[-1]) * 20 // WORD_MS
        return first, self.spoken[first : last + 1]


def unknown(_part: Span, words: Sequence[str]) -> list[None]:
    """No acoustic model."""
    return [None] * len(words)


SpotWords = Callable[[Span, Sequence[str]], Sequence[SpottedWord | None]]


def spotter(model: FakeModel, written: str, nats: float) -> SpotWords:
    """An acoustic model to which a written word, where another one is said, fits so well.

    Other words fit where they are said, and not elsewhere.
    """

    def spot_words(part: Span, words: Sequence[str]) -> list[SpottedWord | None]:
        first = (part.start + WORD_MS - 1) // WORD_MS
        found: list[SpottedWord | None] = []
        for at, word in enumerate(words, start=first):
            same = normalise(model.spoken[at]) == normalise(word)
            fit = -13.0 if same else nats if word == written else -21.0
            found.append(SpottedWord(at * WORD_MS + WORD_MS // 2, fit))  # as late as a model
        return found

    return spot_words


def window(model: FakeModel, spot_words: SpotWords = unknown) -> WindowAudio:
    length = len(model.spoken) * WORD_MS
    steps = np.arange(length // 20 + 50, dtype=np.float32)
    return WindowAudio(
        EncoderOutput(steps[None, :, None], length // 10), [Span(0, length)], spot_words
    )


def hear(decoder: DraftDecoder, *models: FakeModel) -> list[list[WordTiming]]:
    """The words of windows, each with all that an model knows, up to one that does not follow."""

    def open_(model: FakeModel, _tight: bool) -> WindowAudio:
        return window(model)

    return list(decoder.decode([partial(open_, model) for model in models]))


def text_of(words: Sequence[WordTiming]) -> str:
    return "".join(w.text for w in words).strip()


def draft(text: str = ARTICLE) -> tuple[DraftWord, ...]:
    return tuple(DraftWord(w, any(c.isdigit() for c in w)) for w in text.split())


def decode_one(spoken: str, text: str = ARTICLE) -> tuple[str | None, DraftDecoder, FakeModel]:
    """What is made of one window, from an unknown place."""
    model = FakeModel(spoken.split())
    decoder = DraftDecoder(model, "en", Draft(draft(text)))
    found = hear(decoder, model)
    return text_of(found[0]) if found else None, decoder, model


SENTENCES = [s.strip() + "." for s in ARTICLE.split(".") if s.strip()]


def test_a_draft_read_word_for_word_is_decoded_only_to_find_its_position() -> None:
    said, decoder, model = decode_one(SENTENCES[0])
    assert said == SENTENCES[0]
    assert (len(model.asked), model.verified) == (1, 1)
    assert decoder.position.at == len(SENTENCES[0].split())


def test_the_next_window_needs_no_search() -> None:
    _, decoder, _ = decode_one(SENTENCES[0])
    model = FakeModel(SENTENCES[1].split())
    other = DraftDecoder(model, "en", Draft(draft()))
    other.position = decoder.position
    assert [text_of(words) for words in hear(other, model)] == [SENTENCES[1]]
    assert model.asked == []


def test_words_have_the_times_of_their_sound() -> None:
    model = FakeModel(SENTENCES[1].split())
    (words,) = hear(DraftDecoder(model, "en", Draft(draft())), model)
    assert [w.start for w in words] == [k * WORD_MS / 1000 for k in range(len(words))]
    assert words[3].probability == pytest.approx(math.exp(-0.01))


@pytest.mark.parametrize(
    "spoken",
    [
        SENTENCES[0].replace("guard", "watch"),  # another word
        SENTENCES[0].replace("on Monday ", ""),  # words left out
        SENTENCES[0].replace("armed groups", "at least two large armed groups"),  # words added
        SENTENCES[2].replace("1,200", "1,300"),  # another number
        f"{SENTENCES[1]} {SENTENCES[3]}",  # a sentence left out
        f"{SENTENCES[3]} {SENTENCES[1]}",  # sentences in another order
        f"{SENTENCES[1]} {SENTENCES[1]}",  # one of them twice
        f"Here is the news. {SENTENCES[0]}",  # before it
        f"{SENTENCES[4]} Good night from all of us here.",  # after it
        f"{SENTENCES[0]} That was last week, of course. {SENTENCES[1]}",  # in between
        "We heard that three countries agreed on nothing at all in the end, and so on.",  # chance
    ],
)
def test_words_that_differ_from_the_draft_are_decoded(spoken: str) -> None:
    said, _, model = decode_one(spoken)
    if said is not None:  # else the window is decoded without the draft, which is right too
        assert [normalise(w) for w in said.split()] == [normalise(w) for w in spoken.split()]
    assert model.asked


@pytest.mark.parametrize("at", range(2, 14))
def test_one_differing_word_costs_one_short_passage(at: int) -> None:
    words = f"{SENTENCES[0]} {SENTENCES[1]}".split()
    words[at] = "bananas"
    said, _, model = decode_one(" ".join(words))
    assert said == " ".join(words)
    assert len(model.asked) <= 2
    assert len(model.asked[-1].split()) < 14


@pytest.mark.parametrize(
    ("written", "heard", "nats", "asked"),
    [
        pytest.param("Mykolaiv", "Michael", -14.0, 0, id="a name that word spotting confirms"),
        pytest.param("Mykolaiv", "Michael", -19.0, 1, id="a name that it does not"),
        pytest.param("seventeen", "seventy", -14.0, 1, id="a number sounds too much like others"),
        pytest.param("villages", "village", -14.0, 1, id="so does an ordinary word"),
    ],
)
def test_word_spotting_may_confirm_a_name_in_doubt(
    written: str, heard: str, nats: float, asked: int
) -> None:
    text = f"Farmers in {written} say that they had heard such promises before."
    model = FakeModel(text.replace(written, heard).split())
    words = [
        replace(w, protected=w.text == "seventeen", name=w.text == "Mykolaiv") for w in draft(text)
    ]
    decoder = DraftDecoder(model, "en", Draft(words))
    decoder.position = replace(decoder.position, at=0)
    sound = window(model, spotter(model, written, nats))
    (found,) = decoder.decode([lambda _tight: sound])
    assert text_of(found) == (text.replace(written, heard) if asked else text)
    assert len(model.asked) == asked


def test_another_article_is_searched_for_once() -> None:
    model = FakeModel("Nothing of this has ever been written in any paper that we know of".split())
    decoder = DraftDecoder(model, "en", Draft(draft()))
    assert [hear(decoder, model) for _ in range(16)] == [[]] * 16
    assert (len(model.asked), model.verified) == (1, 0)


def test_a_place_is_found_after_a_window_that_was_decoded() -> None:
    decoder = DraftDecoder(FakeModel([]), "en", Draft(draft()))
    decoder.locate("and then The talks in the capital took nine ours".split())
    assert decoder.position.at == len((SENTENCES[0] + " " + SENTENCES[1]).split())
    decoder.locate("and now the weather".split())
    assert decoder.position.at is None


def test_a_window_without_speech_has_no_words() -> None:
    model = FakeModel(["x"])
    decoder = DraftDecoder(model, "en", Draft(draft()))
    assert list(decoder.decode([lambda _tight: replace(window(model), speech=[])])) == []


def test_a_passage_of_a_window_keeps_silence_at_its_end() -> None:
    encoded = EncoderOutput(np.arange(300, dtype=np.float32)[None, :, None], 500)
    part = encoded.part(1_000, 2_000).features[0, :, 0]
    assert part[:100].tolist() == list(range(50, 150))
    assert part[100:].tolist() == list(range(255, 300))
    late = encoded.part(5_800, 2_000).features[0, :, 0]
    assert len(late) == len(part)
    assert late[:10].tolist() == list(range(290, 300))


def test_the_context_never_exceeds_the_decoder_s_room() -> None:
    """Also where the speech jumps within a window, and words are of many tokens."""

    class Wordy(FakeModel):
        longest = 0

        def tokenize(self, text: str) -> tuple[int, ...]:
            return super().tokenize(text) * 30

        def score_tokens(
            self, encoded: EncoderOutput, language: str, text: Sequence[int]
        ) -> TokenScores:
            self.longest = max(self.longest, len(text))
            found = super().score_tokens(encoded, language, text[::30])
            starts = [t for t in found.starts[:-1] for _ in range(30)]
            return TokenScores(
                tuple(log / 30 for log in found.logs for _ in range(30)),
                (*starts, found.starts[-1]),
            )

    model = Wordy(f"{SENTENCES[0]} {SENTENCES[3]}".split())
    hear(DraftDecoder(model, "en", Draft(draft())), model)
    assert 0 < model.longest <= 400


class Many(FakeModel):
    """Hears several windows, in each of them what is said there."""

    def __init__(self, models: Sequence[FakeModel]) -> None:
        super().__init__([])
        self.models = models
        self.together: list[int] = []

    def tokenize(self, text: str) -> tuple[int, ...]:
        for model in self.models:
            model.vocabulary = self.vocabulary
        return super().tokenize(text)

    def score_tokens(
        self, encoded: EncoderOutput, language: str, text: Sequence[int]
    ) -> TokenScores:
        return self._of(encoded).score_tokens(_one(encoded), language, text)

    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        self.together.append(len(encoded))
        return [
            self._of(part).decode_parts([_one(part)], language, [tokens], most)[0]
            for part, tokens in zip(encoded, before, strict=True)
        ]

    def _of(self, encoded: EncoderOutput) -> FakeModel:
        return self.models[int(encoded.features[0, 0, 1])]


def _one(encoded: EncoderOutput) -> EncoderOutput:
    return EncoderOutput(encoded.features[:, :, :1], encoded.frames)


def opened(at: int, model: FakeModel, opened: list[int]) -> Callable[[bool], WindowAudio]:
    def open_(_tight: bool) -> WindowAudio:
        opened.append(at)
        sound = window(model)
        steps = sound.encoded.features
        features = np.concatenate([steps, np.full_like(steps, at)], axis=2)
        return replace(sound, encoded=EncoderOutput(features, sound.encoded.frames))

    return open_


def several(many: Many) -> tuple[list[str], list[int]]:
    """What is made of windows that follow each other, and which was opened when."""
    order: list[int] = []
    decoder = DraftDecoder(many, "en", Draft(draft()))
    windows = [opened(at, model, order) for at, model in enumerate(many.models)]
    return [text_of(words) for words in decoder.decode(windows)], order


SAID_OTHERWISE = [" ".join([*s.split()[:3], "bananas", *s.split()[4:]]) for s in SENTENCES]


def test_passages_of_several_windows_are_decoded_together() -> None:
    many = Many([FakeModel(said.split()) for said in SAID_OTHERWISE])
    said, order = several(many)
    assert said == SAID_OTHERWISE
    assert max(many.together) > 1
    assert order == list(range(len(many.models)))


def test_a_window_opened_at_a_wrong_position_is_decoded_again() -> None:
    class Early(Many):
        """At first the third window seems to end three words before it does."""

        def score_tokens(
            self, encoded: EncoderOutput, language: str, text: Sequence[int]
        ) -> TokenScores:
            seen = super().score_tokens(encoded, language, text)
            model = self._of(encoded)
            if model is not self.models[2] or model.verified > 1:
                return seen
            last, end = len(model.spoken) - 3, len(model.spoken) * WORD_MS
            return TokenScores(
                (*seen.logs[:last], *[-6.0] * (len(text) - last)),
                (*seen.starts[:last], *[end] * (len(text) + 1 - last)),
            )

    many = Early([FakeModel(said.split()) for said in SAID_OTHERWISE[1:]])
    said, order = several(many)
    assert said == SAID_OTHERWISE[1:]
    assert order.count(3) == 2
