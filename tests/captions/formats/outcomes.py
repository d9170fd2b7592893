"""Outcomes that the tests of several formats write."""

from aligner.types import (
    Alignment,
    Article,
    CaptionResult,
    Captions,
    CaptionWord,
    Coverage,
    Cue,
    EngineInfo,
    MediaLink,
    Origin,
    Paragraph,
    Sentence,
    SentenceKind,
    Span,
    SpeechRegion,
)

CUES = (
    Cue(0, 1500, ("Good evening.",), "verified"),
    Cue(1580, 4000, ("He said: “AT&T is < 5 %,", "and a --> b” <i>twice</i> &amp;"), "spoken"),
    Cue(4080, 5510, ("{\\an8}up {\\i1}there \\Nand \\h back\\",), "spoken"),
    Cue(6000, 7000, ("قال AT&T إنه 5٪", "ثم عاد"), "verified"),
    Cue(3_599_990, 3_600_900, ("Ünïcode 水 👩‍💻",), "verified"),
    Cue(360_000_000, 360_000_010, ("After a hundred hours",), "verified"),
)
"""With what each format might take for its own; times to the hundredth of a second."""


def outcome(
    *cues: Cue,
    words: tuple[CaptionWord, ...] = (),
    url: str = "https://example.org/news/story.html",
) -> CaptionResult:
    return CaptionResult(
        status="captioned",
        reason="all of it",
        source=url,
        url=url,
        media=MediaLink("https://example.org/audio/story.mp3", "audio", "html5"),
        engine=EngineInfo("ctranslate2", "base", "1.0"),
        captions=Captions("en", cues, words),
    )


def words(
    text: str, start_ms: int = 0, step_ms: int = 400, origin: Origin = "verified"
) -> tuple[CaptionWord, ...]:
    """A word each ``step_ms``, with 50 ms of silence after it."""
    starts = [start_ms + k * step_ms for k, _ in enumerate(text.split())]
    return tuple(
        CaptionWord(word, start, start + step_ms - 50, origin, 0.875, k)
        for k, (word, start) in enumerate(zip(text.split(), starts, strict=True))
    )


def told(
    sentences: list[tuple[str, SentenceKind, int | None]], *paragraphs: Paragraph
) -> CaptionResult:
    """An outcome whose sentences are of these kinds and begin at these times, 3 s long."""
    made, at = [], 0
    for text, kind, start in sentences:
        span = Span(at, at + len(text.split()))
        at = span.end
        end = None if start is None else start + 3000
        made.append(Sentence(span, kind, 1.0 if kind == "spoken" else 0.5, start, end, text))
    extra = SpeechRegion(Span(0, 2), False, 0, 900, "Good *evening*")
    within = SpeechRegion(Span(2, 9), True, 1000, 9000, "and so on | as written")
    base = outcome(Cue(0, 900, ("Good evening",), "spoken"), words=words("Good evening"))
    alignment = Alignment(
        (), Coverage(0.875, 0.5), sentences=tuple(made), stretches=(extra, within)
    )
    title = next((p.text for p in paragraphs if p.role == "title"), None)
    return CaptionResult(
        base.status, base.reason, base.source, base.url, Article(None, title, "en", paragraphs),
        media=base.media, duration_ms=60_000, alignment=alignment, captions=base.captions,
    )  # fmt: skip
