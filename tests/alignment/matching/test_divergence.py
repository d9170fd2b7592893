"""What people are told: sentence by sentence, stretch by stretch."""

import pytest
from test_match import ONE, THREE, TWO, article, heard

from aligner import languages
from aligner.alignment import matching
from aligner.alignment.matching.divergence import split_sentences
from aligner.languages import SurfaceWord
from aligner.types import Paragraph, Span

AD_LIB = "Next comes an editorial that reflects the views of our government"


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "It rained. It snowed.", 2),
        ("en", "Dr. Boateng came. “It rained.” He left!", 3),
        ("en", "The U.N. said so and J. Smith agreed.", 1),
        ("en", "He said no. They left.", 2),
        ("en", "It cost 1.5 dollars. yes it did", 1),
        ("en", "No mark at the end", 1),
        ("de", "Am 15. September kam Dr. Huber. Dann ging er.", 2),
        ("fr", "M. Dupont est venu. Il a plu.", 2),
        ("pl", "Urodził się w 2015 r. w Łodzi.", 1),
        ("zh", "今天下雨。 明天下雪。", 2),
        ("ru", "Шёл дождь. Потом снег.", 2),
        ("hi", "बारिश हुई। फिर बर्फ़ गिरी।", 2),
    ],
)
def test_sentences_end_at_their_marks(language: str, text: str, count: int) -> None:
    words = [SurfaceWord(word) for word in text.split()]
    found = split_sentences(words, Span(0, len(words)), languages.get(language))
    assert len(found) == count
    assert [i for span in found for i in range(span.start, span.end)] == list(range(len(words)))


def test_each_sentence_has_a_status() -> None:
    reworded = "Villagers that reporters spoke with were more cautious about this whole thing."
    photo = Paragraph("Officials smile. A photo.", "caption")
    found = matching.align(article(photo, f"{ONE} {TWO}", THREE), heard(f"{ONE} {reworded}"))
    assert [(s.kind, s.text) for s in found.sentences] == [
        ("spoken", ONE),
        ("not_spoken", TWO),
        ("reworded", THREE),
    ]
    one, two, three = found.sentences
    assert one.article == Span(4, 17)
    assert (one.share, one.start_ms, one.end_ms) == (1.0, 0, 12 * 400 + 350)
    assert (two.share, two.start_ms, two.end_ms) == (0.0, None, None)
    assert 0.4 < three.share < 0.8
    assert three.start_ms == 13 * 400


def test_a_sentence_read_twice_has_the_time_of_its_fullest_reading() -> None:
    start = " ".join(ONE.split()[:8])
    found = matching.align(article(f"{ONE} {TWO}"), heard(f"{start} {AD_LIB} {ONE} {TWO}"))
    assert found.sentences[0].start_ms == len(f"{start} {AD_LIB}".split()) * 400


def test_speech_regions_cover_all_speech() -> None:
    found = matching.align(article(ONE, TWO), heard(f"{AD_LIB} {ONE} um {TWO} {AD_LIB}"))
    assert [(s.in_article, s.text) for s in found.stretches] == [
        (False, AD_LIB),
        (True, f"{ONE} um {TWO}"),
        (False, AD_LIB),
    ]
    assert [(s.spoken.start, s.spoken.end) for s in found.stretches] == [
        (0, 11),
        (11, 37),
        (37, 48),
    ]


def test_without_an_article_there_is_one_speech_region() -> None:
    found = matching.unaligned(heard(AD_LIB))
    assert [(s.in_article, s.text) for s in found.stretches] == [(False, AD_LIB)]
    assert found.sentences == ()
