"""The main job end to end, on the sample, over real HTTP, with a recorded recogniser."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from server import Reply, Server

from aligner.errors import BadSource
from aligner.pipeline import align_step, check, steps
from aligner.pipeline.options import Options
from aligner.types import Article, CaptionResult, EngineInfo, Paragraph, Transcript, Word

SAMPLES = Path(__file__).parents[2] / "samples"
SAMPLE = SAMPLES / "russia-and-assad"
RECORDED = Options(engine="recorded", model=str(SAMPLE / "transcript.json"), allow_private=True)
RECORDING = (SAMPLE / "russia-and-assad.mp4").read_bytes()


@pytest.fixture(scope="module")
def site() -> Iterator[Server]:
    page = (SAMPLE / "index.html").read_bytes()
    prose = b"<h1>A recipe</h1><article>" + b"".join(
        b"<p>Knead the dough for ten minutes, let it rest under a cloth until it has doubled, and "
        b"bake it in a hot oven until the crust is dark and sounds hollow when you knock.</p>"
        for _ in range(4)
    )
    routes = {
        "/news/": Reply(page),
        "/news/russia-and-assad.mp4": Reply(RECORDING, "video/mp4", ranges=True),
        "/gone/": Reply(page),
        "/recipe": Reply(prose + b'<video src="/news/russia-and-assad.mp4"></video></article>'),
        "/bare": Reply(b'<title>x</title><video src="/news/russia-and-assad.mp4"></video>'),
        "/second": Reply(
            prose + b'<video src="/none.mp4"></video><video src="/news/russia-and-assad.mp4">'
            b"</video></article>"
        ),
        "/page-as-media": Reply(prose + b'<video src="/bare"></video></article>'),
    }
    with Server(routes) as server:
        yield server


def spoken(outcome: CaptionResult) -> str:
    assert outcome.captions
    return " ".join(w.text for w in outcome.captions.words)


@pytest.mark.slow
def test_an_article_with_media_is_captioned(site: Server) -> None:
    outcome = steps.caption(site.url("/news/"), RECORDED)
    assert outcome.status == "captioned"
    assert outcome.media
    assert outcome.media.found_by == "pangea"
    assert outcome.duration_ms == pytest.approx(105_797, abs=50)
    assert outcome.alignment
    assert outcome.alignment.coverage.speech_in_article > 0.8
    text = spoken(outcome)
    assert text.startswith("Next, an editorial reflecting the views of")
    assert "over 250,000 people." in text
    assert "Sergei Lavrov on September 15," in text
    assert "FILE" not in text  # the photo's caption is not spoken
    assert "No media source" not in text


def test_the_golden_captions_come_out(tmp_path: Path) -> None:
    import sys

    sys.path.insert(0, str(SAMPLES))
    try:
        import make
    finally:
        sys.path.pop(0)
    make.caption(tmp_path)
    kept = SAMPLE / "captions"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in kept.iterdir())
    for made in tmp_path.iterdir():
        assert made.read_text("utf-8") == (kept / made.name).read_text("utf-8"), made.name


@pytest.mark.slow
def test_other_speech_is_refused_as_this_article(site: Server) -> None:
    outcome = steps.caption(site.url("/recipe"), RECORDED)
    assert outcome.status == "speech_only"
    assert outcome.captions
    assert {w.origin for w in outcome.captions.words} == {"spoken"}
    assert "is not this article" in outcome.reason


@pytest.mark.slow
def test_media_without_an_article_is_captioned_from_the_speech(site: Server) -> None:
    outcome = steps.caption(site.url("/bare"), RECORDED)
    assert outcome.status == "speech_only"
    assert outcome.captions
    direct = steps.caption(site.url("/news/russia-and-assad.mp4"), RECORDED)
    assert direct.status == "speech_only"
    assert direct.captions == outcome.captions


@pytest.mark.slow
def test_the_next_candidate_is_tried(site: Server) -> None:
    outcome = steps.caption(site.url("/second"), RECORDED)
    assert outcome.media
    assert outcome.media.url == site.url("/news/russia-and-assad.mp4")


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/gone/", "media_unavailable", "no longer there (404)"),
        ("/page-as-media", "media_unavailable", "web page"),
        ("/missing", "error", "no such page (404)"),
    ],
)
def test_what_cannot_be_had_is_an_outcome(
    site: Server, path: str, status: str, reason: str
) -> None:
    outcome = steps.caption(site.url(path), RECORDED)
    assert outcome.status == status
    assert reason in outcome.reason
    assert outcome.captions is None


def test_the_page_without_media() -> None:
    options = replace(RECORDED, allow_private=False)
    outcome = steps.caption(str(SAMPLE / "no-media.html"), options)
    assert outcome.status == "no_media"
    assert outcome.declared.duration_ms == 197_000
    assert outcome.declared.says_no_media
    assert "197 s" in outcome.reason
    assert outcome.article
    roles = [p.role for p in outcome.article.paragraphs]
    assert roles.count("summary") == 1
    assert roles.count("caption") == 1
    assert roles.count("body") == 4


@pytest.mark.slow
def test_a_text_and_a_recording(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    captions = SAMPLE / "captions" / "russia-and-assad.txt"
    article.write_text(captions.read_text("utf-8").replace("Next, an editorial", ""), "utf-8")
    options = replace(RECORDED, media=str(SAMPLE / "russia-and-assad.mp4"))
    outcome = steps.caption(str(article), options)
    assert outcome.status == "captioned"
    assert outcome.media
    assert outcome.media.found_by == "given"


def test_a_text_alone_has_no_media(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("A title\n\nSome words of an article that nobody reads aloud.\n", "utf-8")
    assert steps.caption(str(article), RECORDED).status == "no_media"


@pytest.mark.slow
def test_a_recording_of_silence(tmp_path: Path, site: Server) -> None:
    silence = tmp_path / "silence.wav"
    make_silence(silence)
    shutil.copy(SAMPLE / "index.html", tmp_path / "page.html")
    outcome = steps.caption(
        str(tmp_path / "page.html"), replace(RECORDED, media=str(silence), url=site.url("/news/"))
    )
    assert outcome.status == "no_speech"
    assert outcome.captions is None


def make_silence(path: Path) -> None:
    import wave

    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(bytes(2 * 16_000 * 3))


@pytest.mark.slow
def test_a_recogniser_that_hears_no_words(tmp_path: Path, site: Server) -> None:
    from aligner.asr.backends import recorded

    nothing = tmp_path / "nothing.json"
    nothing.write_text(recorded.as_text(Transcript("en", (), EngineInfo("recorded", "x"))))
    outcome = steps.caption(site.url("/news/"), replace(RECORDED, model=str(nothing)))
    assert outcome.status == "no_speech"


@pytest.mark.slow
def test_another_language_still_aligns(tmp_path: Path) -> None:
    from aligner.asr.backends import recorded

    text = "Das ist ein kurzer Bericht über den Hafen von Rotterdam und seine Arbeiter"
    words = tuple(Word(w, 900 + k * 400, 1250 + k * 400, 0.9) for k, w in enumerate(text.split()))
    heard = tmp_path / "heard.json"
    heard.write_text(
        recorded.as_text(Transcript("de", words, EngineInfo("recorded", "x"))), "utf-8"
    )
    article = tmp_path / "bericht.txt"
    article.write_text(f"Der Hafen\n\n{text}.\n\nEin zweiter Absatz, den niemand liest.\n", "utf-8")
    options = replace(
        RECORDED, model=str(heard), media=str(SAMPLE / "russia-and-assad.mp4"), language="de"
    )
    outcome = steps.caption(str(article), options)
    assert outcome.status == "captioned"
    assert spoken(outcome) == f"{text}."


def test_a_source_that_is_none_is_no_outcome() -> None:
    with pytest.raises(BadSource, match=r"nowhere\.html"):
        steps.caption("nowhere.html", RECORDED)


@pytest.mark.slow
def test_progress_is_told_in_order(site: Server) -> None:
    class Notes:
        def __init__(self) -> None:
            self.stages: list[str] = []
            self.steps: list[tuple[int, int | None]] = []

        def stage(self, name: str) -> None:
            self.stages.append(name)

        def advance(self, done: int, total: int | None) -> None:
            self.steps.append((done, total))

    notes = Notes()
    steps.caption(site.url("/news/"), RECORDED, notes)
    assert notes.stages == ["page", "download", "decode", "listen", "match", "timing"]
    assert (len(RECORDING), len(RECORDING)) in notes.steps


# ---------------------------------------------------------------- check


@pytest.mark.parametrize(
    ("path", "state"),
    [("/news/", "playable"), ("/gone/", "gone"), ("/page-as-media", "not_media")],
)
def test_check_asks_the_address(site: Server, path: str, state: str) -> None:
    before = site.sent
    finding = check.check(site.url(path), RECORDED)
    assert finding.state == state
    assert finding.reason
    assert site.sent - before < 500_000  # the recording itself is not downloaded


def test_check_without_asking(site: Server) -> None:
    finding = check.check(
        site.url("/gone/"), RECORDED, check_options=check.CheckOptions(probe=False)
    )
    assert finding.state == "playable"
    assert "not tried" in finding.reason


def test_check_of_a_page_without_media() -> None:
    finding = check.check(str(SAMPLE / "no-media.html"), RECORDED)
    assert (finding.state, finding.media) == ("none", None)
    assert finding.declared.duration_ms == 197_000
    assert json.dumps(finding.reason)


def test_speech_in_another_language_is_told_so() -> None:
    article = Article(None, None, "en", (Paragraph("The ship came home at last."),))
    words = "El barco volvió por fin a casa".split()
    heard = tuple(Word(w, k * 400, k * 400 + 350, 0.9) for k, w in enumerate(words))
    transcript = Transcript("es", heard, EngineInfo("recorded", "test"))
    alignment, status, reason = align_step.align_and_classify(article, transcript, None)
    assert status == "speech_only"
    assert reason.startswith("the speech is Spanish, the article English: captions were written")
    assert {w.origin for w in alignment.words} == {"spoken"}
