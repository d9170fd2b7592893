"""Forced alignment: beside the program whose model it reads, and beside every path one by one."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, SENTENCES, Spoken, say, silence

from aligner.alignment.acoustic import forced_alignment, lexicon, mfcc
from aligner.alignment.acoustic.graph import PAUSE, SILENCE, build_graph
from aligner.alignment.acoustic.lexicon import LexiconToken, Phones
from aligner.alignment.acoustic.model import (
    BEGIN,
    END,
    INSIDE,
    NEVER,
    SINGLE,
    STATES,
    Triphone,
    acoustics,
)
from aligner.alignment.acoustic.viterbi import ViterbiInput, paths


def said(text: str) -> list[LexiconToken]:
    return [LexiconToken(word, word.lower().strip(".")) for word in text.split()]


def sound_of(spoken: Spoken, at: int) -> NDArray[np.int16]:
    """A sentence with some silence around it."""
    span = spoken.spans[at]
    return spoken.audio.samples[(span.start - 300) * 16 : (span.end + 300) * 16]


# ---------------------------------------------------------------- beside pocketsphinx


def program(**how: Any) -> Any:
    pocketsphinx = pytest.importorskip("pocketsphinx", reason="pocketsphinx has no wheel here")
    return pocketsphinx.Decoder(lm=None, bestpath=False, loglevel="FATAL", cmn="batch", **how)


def run(decoder: Any, sound: NDArray[np.int16], text: str) -> None:
    decoder.set_align_text(text)
    decoder.start_utt()
    decoder.process_raw(np.ascontiguousarray(sound).tobytes(), full_utt=True)
    decoder.end_utt()


def lower(text: str) -> str:
    return " ".join(word.spoken for word in said(text))


@pytest.mark.slow
def test_mfcc_equal_those_of_pocketsphinx(spoken: Spoken, tmp_path: Path) -> None:
    """Also where noise is under the speech."""
    noise = np.random.default_rng(5).normal(0, 300, len(sound_of(spoken, 0)))
    for sound in (sound_of(spoken, 1), (sound_of(spoken, 0) + noise).astype(np.int16)):
        run(program(mfclogdir=str(tmp_path)), sound, "hello")
        (file,) = tmp_path.glob("*")
        theirs = np.fromfile(file, ">f4")[1:].reshape(-1, mfcc.TERMS)
        file.unlink()
        theirs -= theirs[theirs[:, 0] >= 0].mean(axis=0)
        (ours,) = mfcc.features([sound])
        assert ours.shape == (len(theirs), mfcc.WIDTH)
        assert np.abs(ours[:, : mfcc.TERMS] - theirs).max() < 0.002


@pytest.mark.slow
def test_word_times_agree_with_pocketsphinx(spoken: Spoken) -> None:
    """It weighs four Gaussians of a mixture and silence otherwise: a few borders are elsewhere."""
    decoder = program()
    apart = []
    for at, text in enumerate(SENTENCES):
        run(decoder, sound_of(spoken, at), lower(text))
        theirs = [part.start_frame for part in decoder.seg() if part.word[0] not in "<[("]
        (found,) = forced_alignment.align(
            [forced_alignment.Utterance(sound_of(spoken, at), said(text))]
        )
        assert found
        ours = [
            (word.start - forced_alignment.FRAME_BIAS_MS) / forced_alignment.FRAME_MS
            for word in found
        ]
        apart += np.abs(np.subtract(ours, theirs)).tolist()
    assert np.mean(np.array(apart) <= 1) >= 0.85
    assert max(apart) <= 5


def test_the_dictionary_equals_that_of_pocketsphinx() -> None:
    decoder = program()
    for word in ("read", "the", "moscow", "don't", "aaronson's", "zyuganov"):
        ways = lexicon.pronunciations(LexiconToken(word, word.replace("'", "")))
        assert " ".join(ways[0]) == decoder.lookup_word(word)
    assert len(lexicon.pronunciations(LexiconToken("read", "read"))) == 2


# ---------------------------------------------------------------- the model

PUBLISHED = {
    "cmudict-en-us.dict": "20b5c293e1f311fb375fe067e500ec5636f4fc7af5594967263696def9b23bfe",
    "mdef": "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0",
    "means": "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4",
    "sendump": "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8",
    "transition_matrices": "c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a",
    "variances": "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5",
}
"""The sha256 sums of pocketsphinx 5.1.1's files."""


def test_the_model_is_the_published_one() -> None:
    found = {p.name: sha256(p.read_bytes()).hexdigest() for p in lexicon.MODEL.iterdir()}
    assert found == PUBLISHED


def test_triphones_depend_on_neighbours_and_position() -> None:
    model = acoustics()
    one = model.triphone("AE", "K", "T", INSIDE)
    assert one.name == "AE"
    assert one.senones != model.triphone("AE", "B", "T", INSIDE).senones
    assert one.senones != model.triphone("AE", "K", "N", INSIDE).senones
    assert model.triphone("SIL", "K", "T", END) == model.triphone("SIL", "B", "N", BEGIN)
    assert model.triphone("ZH", "ZH", "ZH", SINGLE).name == "ZH"  # listed nowhere: by itself


def test_probabilities_of_staying_and_leaving_add_up_to_one() -> None:
    phone = acoustics().triphone("AE", "K", "T", INSIDE)
    chances = [np.exp(a) + np.exp(b) for a, b in zip(phone.stay, phone.leave, strict=True)]
    assert chances == pytest.approx([1.0] * STATES)


@pytest.mark.slow
def test_a_senone_score_does_not_depend_on_the_other_senones(spoken: Spoken) -> None:
    (frames,) = mfcc.features([sound_of(spoken, 1)])
    some = np.array([5, 700, 4000, 4001], np.int32)
    alone = acoustics().senone_scores(frames, some)
    among = acoustics().senone_scores(frames, np.arange(5126, dtype=np.int32))[:, some]
    assert alone == pytest.approx(among, abs=1e-3)
    assert alone.max() <= 0.0


# ---------------------------------------------------------------- beside every path


def chain(words: list[Phones], pauses: tuple[bool, ...]) -> tuple[list[Triphone], list[float]]:
    """One way to say words -> its phones in a row, and what it costs to go into each."""
    flat: list[tuple[str, int, bool]] = [(SILENCE, SINGLE, True)] if pauses[0] else []
    for word, pause in zip(words, pauses[1:], strict=True):
        last = len(word) - 1
        places = [
            SINGLE if not last else {0: BEGIN, last: END}.get(k, INSIDE) for k in range(last + 1)
        ]
        flat += [(name, place, False) for name, place in zip(word, places, strict=True)]
        flat += [(SILENCE, SINGLE, True)] if pause else []
    names = [SILENCE, *(name for name, _, _ in flat), SILENCE]
    model = acoustics()
    phones = [
        model.triphone(name, names[at], names[at + 2], place)
        for at, (name, place, _) in enumerate(flat)
    ]
    return phones, [PAUSE if silent else 0.0 for _, _, silent in flat]


def best(phones: list[Triphone], costs: list[float], fit: NDArray[np.float64]) -> float:
    """The likeliest way through phones in a row, by the plainest means."""
    stay = [x for phone in phones for x in phone.stay]
    leave = [x for phone in phones for x in phone.leave]
    senones = [x for phone in phones for x in phone.senones]
    scores = np.full(len(stay), -np.inf)
    for frame, row in enumerate(fit):
        came = np.full(len(stay), -np.inf)
        came[0] = costs[0] if not frame else -np.inf
        for at in range(1, len(stay)):
            cost = costs[at // STATES] if at % STATES == 0 else 0.0
            came[at] = scores[at - 1] + leave[at - 1] + cost
        scores = np.maximum(scores + stay, came) + row[senones]
    return float(scores[-1] + leave[-1])


@pytest.mark.parametrize("seed", range(3))
def test_the_likeliest_of_all_paths_is_found(seed: int) -> None:
    """All ways to say three words, with silence or without between any two, at random fits."""
    words: list[list[Phones]] = [
        [("DH", "AH"), ("DH", "IY")],
        [("AH",), ("EY",)],
        [("R", "EH", "D"), ("R", "IY", "D")],
    ]
    fit = np.random.default_rng(seed).normal(-5, 3, (40, 5126))
    every = max(
        best(*chain(list(ways), pauses), fit)
        for ways in product(*words)
        for pauses in product((True, False), repeat=len(words) + 1)
    )
    one = build_graph(words, acoustics())
    (path,) = paths([ViterbiInput(one, fit.astype(np.float32), one.senones.astype(np.intp))])
    assert path
    assert path.log == pytest.approx(every, abs=0.01)


def test_utterances_aligned_together_have_the_results_of_each_alone(spoken: Spoken) -> None:
    asked = [
        forced_alignment.Utterance(sound_of(spoken, at), said(text))
        for at, text in enumerate(SENTENCES)
    ]
    asked.append(forced_alignment.Utterance(sound_of(spoken, 0)[: RATE // 2], said("The minister")))
    assert forced_alignment.align(asked) == [forced_alignment.align([one])[0] for one in asked]


# ---------------------------------------------------------------- what does not fit


def test_another_text_is_rejected(spoken: Spoken) -> None:
    other = "Perhaps nobody else could imagine buying such expensive furniture yesterday"
    assert forced_alignment.align(
        [forced_alignment.Utterance(sound_of(spoken, 0), said(other))]
    ) == [None]


@pytest.mark.parametrize(
    ("sound", "text"),
    [
        pytest.param(silence(100), SENTENCES[0], id="too short for its words"),
        pytest.param(silence(0), "yes", id="no sound"),
        pytest.param(silence(500), "", id="no words"),
        pytest.param(silence(500), "–", id="a word without sound"),
    ],
)
def test_a_sound_that_is_too_short_has_no_path(sound: NDArray[np.int16], text: str) -> None:
    assert forced_alignment.align([forced_alignment.Utterance(sound, said(text))]) == [None]
    assert forced_alignment.score_texts(sound, [said(text)]) == [None]


def test_no_utterances_have_no_alignments() -> None:
    assert forced_alignment.align([]) == []
    assert forced_alignment.score_texts(silence(500), []) == []


@pytest.mark.slow
def test_the_spoken_text_scores_higher(voice: Any) -> None:
    sound = say(voice, "They gave fifteen of them away.")
    right, wrong = forced_alignment.score_texts(
        sound, [said("They gave fifteen of them away"), said("They gave fifty of them away")]
    )
    assert right
    assert wrong
    assert right.log > wrong.log + 20
    assert wrong.log > NEVER
