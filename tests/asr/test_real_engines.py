"""Both recognisers on real speech, with real weights."""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from speech import RATE, SENTENCES, Spoken

from aligner import asr
from aligner.asr import models
from aligner.asr.whisper.engine import WhisperEngine
from aligner.asr.whisper.model import DecodeOptions
from aligner.audio import vad
from aligner.errors import EngineUnavailable
from aligner.types import Audio, AudioSoFar, DraftWord, Span, SpeechSegments, Transcript

pytestmark = [
    pytest.mark.weights,
    # openai-whisper leaves the file of its vocabulary open
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
]
NAMES = ["ctranslate2", "openai-whisper"]


@functools.cache
def recogniser(name: str, model: str = "base") -> WhisperEngine:
    engine = asr.load(name, model, models.resolve)
    assert isinstance(engine, WhisperEngine)
    return engine


def listen(name: str, audio: Audio, language: str | None = None, model: str = "base") -> Transcript:
    options = asr.ListenOptions(language)
    return recogniser(name, model).transcribe(
        [vad.run(audio)], options=options, progress=lambda *_: None
    )


def follow(name: str, audio: Audio, text: str) -> list[str]:
    """The words that are heard with a text as the draft."""
    draft = tuple(DraftWord(word, word.isdigit()) for word in text.split())
    found = recogniser(name).transcribe(
        [vad.run(audio)],
        options=asr.ListenOptions("en", draft),
        progress=lambda *_: None,
    )
    return plain(" ".join(word.text for word in found.words))


def plain(text: str) -> list[str]:
    return re.sub(r"[^a-z ]", "", text.lower()).split()


@pytest.mark.parametrize("name", NAMES)
def test_text_language_and_times(name: str, spoken: Spoken) -> None:
    found = listen(name, spoken.audio)
    words = found.words
    first, second = (plain(sentence) for sentence in spoken.sentences)
    assert plain(" ".join(w.text for w in words)) == first + second
    assert found.language == "en"
    assert (found.engine.name, found.engine.model) == (name, "base")
    edges = [words[0], words[len(first) - 1], words[len(first)], words[-1]]
    span, other = spoken.spans
    assert abs(edges[0].start_ms - span.start) <= 150
    assert abs(edges[1].end_ms - span.end) <= 150
    assert abs(edges[2].start_ms - other.start) <= 150
    assert abs(edges[3].end_ms - other.end) <= 150
    assert all(0.2 < w.score <= 1 for w in words)


def test_with_openai_whispers_checkpoint_alone(
    spoken: Spoken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No model in CTranslate2 form is here, and the network is not asked."""
    import whisper  # loads PyTorch, which tests without weights do not wait for

    file = tmp_path / "whisper" / "base.pt"
    file.parent.mkdir()
    shutil.copyfile(models.resolve("base", "openai").path, file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("ALIGNER_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("aligner.asr.models._has_ctranslate2", lambda _: False)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(whisper._MODELS, "base", f"http://127.0.0.1:9/{digest}/base.pt")
    engine = asr.load("auto", "base", models.resolve, at_hand=models.at_hand)
    assert engine.info.name == "openai-whisper"
    found = engine.transcribe(
        [vad.run(spoken.audio)], options=asr.ListenOptions(), progress=lambda *_: None
    )
    said = [word for sentence in spoken.sentences for word in plain(sentence)]
    assert plain(" ".join(w.text for w in found.words)) == said
    file.unlink()
    with pytest.raises(EngineUnavailable, match=r"article-aligner\[offline\]"):
        asr.load("openai-whisper", "base", models.resolve)


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_that_is_read_is_not_decoded(
    name: str, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("the draft holds")

    monkeypatch.setattr(type(recogniser(name)), "decode", decode)
    first, second = spoken.sentences
    text = f"Roads in the north {first} {second} Rain is expected in the north of the country."
    assert follow(name, spoken.audio, text) == plain(first) + plain(second)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCES[0].replace('Moscow', 'London')} {SENTENCES[1]}",
        f"{SENTENCES[0].replace(' in Moscow', '')} {SENTENCES[1]}",
        f"{SENTENCES[0]} Nobody knows why. {SENTENCES[1].replace('can', 'can not')}",
        f"{SENTENCES[1]} {SENTENCES[0]}",
        "Prices of grain fell for the third week, and traders expect that they will fall again.",
    ],
)
def test_speech_overrides_the_draft(name: str, spoken: Spoken, text: str) -> None:
    said = plain(" ".join(spoken.sentences))
    assert follow(name, spoken.audio, text) == said


@pytest.mark.parametrize("name", NAMES)
def test_the_same_sound_gives_the_same_words(name: str, spoken: Spoken) -> None:
    assert listen(name, spoken.audio) == listen(name, spoken.audio)


@pytest.mark.parametrize("name", NAMES)
def test_noise_gives_the_same_words_again(name: str) -> None:
    """Here attempts fail and others are made: those too must come out the same."""
    samples = np.random.default_rng(3).normal(0, 3000, 5 * RATE).astype(np.int16)
    noise = AudioSoFar(Audio(samples, RATE), SpeechSegments(()), (Span(0, 5_000),))
    engine, options = recogniser(name), asr.ListenOptions("en")
    found = [
        engine.transcribe([noise], options=options, progress=lambda *_: None) for _ in range(2)
    ]
    assert found[0] == found[1]
    assert len(found[0].words) <= 5


@pytest.mark.parametrize("name", NAMES)
def test_the_english_model(name: str, spoken: Spoken) -> None:
    found = listen(name, spoken.audio, model="tiny.en")
    assert found.language == "en"
    assert {"minister", "reporters", "moscow"} <= set(plain(" ".join(w.text for w in found.words)))


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_the_result_of_each_window_alone(name: str, spoken: Spoken) -> None:
    engine = recogniser(name)
    sounds = [spoken.audio.window(span.start, span.end) for span in spoken.spans]
    how = DecodeOptions(1)
    together = engine.decode(engine.encode(sounds), "en", how)
    alone = [engine.decode(engine.encode([sound]), "en", how)[0] for sound in sounds]
    assert [h.text for h in together] == [h.text for h in alone]


def _first(engine: WhisperEngine, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    (window,) = engine.encode([sound])
    return np.asarray(window.features)


def test_both_forms_of_the_weights_agree(spoken: Spoken) -> None:
    """The encoders' outputs point the same way, and the decoders say the same, as surely."""
    ours, theirs = (recogniser(name) for name in NAMES)
    sound = spoken.audio.window(0, 12_000)
    sound = np.pad(sound, (0, 30 * RATE - len(sound)))  # so that both fill up alike
    a, b = _first(ours, sound).ravel(), _first(theirs, sound).ravel()
    assert np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) > 0.99  # one of them has 8 bits
    heard = [e.decode(e.encode([sound]), "en", DecodeOptions(1))[0] for e in (ours, theirs)]
    assert heard[0].tokens == heard[1].tokens
    assert heard[0].avg_logprob == pytest.approx(heard[1].avg_logprob, abs=0.05)
    chances = [e.detect_language(e.encode([sound]))[0] for e in (ours, theirs)]
    assert chances[0]["en"] == pytest.approx(chances[1]["en"], abs=0.05)


def test_both_model_forms_give_the_same_times(spoken: Spoken) -> None:
    sound = spoken.audio.window(1_500, 7_000)
    text = recogniser(NAMES[0]).decode(recogniser(NAMES[0]).encode([sound]), "en", DecodeOptions(1))
    found = [
        engine.align(engine.encode([sound]), "en", [text[0].tokens])[0]
        for engine in map(recogniser, NAMES)
    ]
    assert [w.text for w in found[0]] == [w.text for w in found[1]]
    apart = [abs(a.start - b.start) for a, b in zip(*found, strict=True)]
    assert max(apart) <= 0.1


@pytest.mark.parametrize("name", NAMES)
def test_rescoring_prefers_the_spoken_words(name: str, spoken: Spoken) -> None:
    """Sentence one: "The minister told reporters in Moscow that the roads are open." """
    found = listen(name, spoken.audio)
    again = recogniser(name).rescorer(vad.run(spoken.audio), found)
    at = [plain(w.text)[0] for w in found.words].index("moscow")

    def gain(wording: str, start: int = at, end: int = at + 1) -> float:
        value = again.log_likelihood_ratio(Span(start, end), wording)
        assert value is not None
        return value

    assert gain(found.words[at].text) == pytest.approx(0, abs=0.2)
    assert gain("London") < -8
    assert gain("Moscow that the whole of Europe admires", at, at + 1) < -8
    assert gain("certainly not", at + 1, at + 1) < -8  # words between two others


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_rescore_alike(name: str, spoken: Spoken) -> None:
    other = next(n for n in NAMES if n != name)
    window = spoken.audio.window(0, spoken.spans[0].end + 500)
    texts = [f" {spoken.sentences[0]}", " The minister sold reporters in Moscow some old roads."]
    weighed = []
    for engine in (recogniser(name), recogniser(other)):
        (encoded,) = engine.encode([window])
        weighed.append(engine.log_probabilities(encoded, "en", texts))
    assert weighed[0] == pytest.approx(weighed[1], rel=0.1, abs=1.5)
    assert weighed[0][0] > weighed[0][1] + 5
