"""What is printed at an article's words and is no part of it: notes, struck text, tooltips."""

import pytest
from lxml.html import fromstring

from aligner.discovery.article import extract
from aligner.discovery.article.inline_extras import remove, text_without, without_note_marks
from aligner.discovery.html import text_of
from aligner.types import Page

KEPT_LINES = (
    "The ferry crossed the bay twice on Tuesday before the harbour froze over for the winter.",
    "The harbour master counted the passengers and wrote the number into the old green book.",
    "Nobody in the town could remember a colder week in the middle of a month of April.",
)


def article_text(line: str, head: str = "") -> str:
    """Returns the first body paragraph of a page that begins with a line of markup."""
    body = "".join(f"<p>{text}</p>" for text in (line, *KEPT_LINES))
    html = f"<html><head>{head}</head><body><article><h1>Ferries</h1>{body}</article></body></html>"
    found = extract(Page(None, None, html, 200, "text/html")).paragraphs
    return next(p.text for p in found if p.role == "body")


NOTES = {
    "linked": ('Fishermen<sup><a href="#n4">4</a></sup> asked', "Fishermen asked"),
    "bare after a word": ("Fishermen<sup>4</sup> asked", "Fishermen asked"),
    "bare after a number": ("carried 400<sup>3</sup> people", "carried 400 people"),
    "after a full stop": ("asked.<sup>12</sup> Boats", "asked. Boats"),
    "several": ("Fishermen<sup>4,5</sup> asked<sup>6–8</sup>.", "Fishermen asked."),
    "bracketed": ("Fishermen<sup>[4]</sup> asked", "Fishermen asked"),
    "with words": ("Fishermen<sup>[citation needed]</sup> asked", "Fishermen asked"),
    "an asterisk": ("Fishermen<sup>*</sup> asked", "Fishermen asked"),
    "a letter": ("Fishermen<sup>b</sup> asked", "Fishermen asked"),
    "by its role": ('Fishermen<span role="doc-noteref">4</span> asked', "Fishermen asked"),
    "by its class": ('Fishermen<small class="FootnoteRef">4</small> asked', "Fishermen asked"),
    "without sup": ('Fishermen<a href="#fn:4">4</a> asked', "Fishermen asked"),
    "to another page": ('Fishermen<a href="/notes.html#fn4">4</a> asked', "Fishermen asked"),
    "bracketed link": ('Fishermen<a href="#x">[4]</a> asked', "Fishermen asked"),
    "sup in link": (
        'Fishermen<a href="https://a.example/b"><sup>4</sup></a> asked',
        "Fishermen asked",
    ),
    "an own tag": (
        'Fishermen<foot-note-ref class="fn-ref">4</foot-note-ref> asked',
        "Fishermen asked",
    ),
    "a sidenote": (
        'Fishermen<span class="sidenote">Of whom there are nine.</span> asked',
        "Fishermen asked",
    ),
    "characters": ("Fishermen⁴ asked", "Fishermen asked"),
    "plain brackets": ("Fishermen[4] asked.[5][6]", "Fishermen asked."),
    "a permalink": ('The boats <a href="#boats">¶</a> asked', "The boats asked"),
}
NO_NOTES = {
    "an exponent": ("10<sup>6</sup> trips", "10⁶ trips"),
    "a power of ten": ("6.02×10<sup>23</sup> atoms", "6.02×10²³ atoms"),
    "a power of two": ("2<sup>10</sup> bytes", "2¹⁰ bytes"),
    "a measure": ("5 km<sup>2</sup> of ice", "5 km² of ice"),
    "a formula": ("E=mc<sup>2</sup> is known", "E=mc² is known"),
    "squares": ("3<sup>2</sup> + 4<sup>2</sup> = 25", "3² + 4² = 25"),
    "an ordinal": ("the 21<sup>st</sup> of May", "the 21st of May"),
    "an abbreviation": ("M<sup>me</sup> Roux", "Mme Roux"),
    "an ordinal letter": ("the 1<sup>o</sup> of May", "the 1o of May"),
    "a subscript": ("less CO<sub>2</sub> than", "less CO2 than"),
    "a fraction": ("2 <sup>1</sup>/<sub>2</sub> cups", "2 1/2 cups"),
    "a price": ("for $19<sup>99</sup> each", "for $19.99 each"),
    "a time": ("at 9<sup>30</sup> on Monday", "at 9:30 on Monday"),
    "an isotope": ("dated with <sup>14</sup>C by", "dated with ¹⁴C by"),
    "an ion": ("the Ca<sup>2+</sup> ions", "the Ca2+ ions"),
    "a link of words": ('see <a href="#chart">the chart</a> below', "see the chart below"),
    "a linked number": ('in <a href="/2019">2019</a> and', "in 2019 and"),
    "an insertion": ("scored [2] goals", "scored [2] goals"),
}
HIDDEN = {
    "deleted": ("paid <del>four</del> five", "paid five"),
    "struck": ("paid <s>four</s> five", "paid five"),
    "screen readers": ('the<span class="sr-only"> (opens in a tab)</span> ferry', "the ferry"),
    "a module's name": ('the<span class="VisuallyHidden_a1b"> new</span> ferry', "the ferry"),
    "clipped": ('the<i style="position:absolute; clip: rect(0 0 0 0)"> new</i> ferry', "the ferry"),
    "off the screen": ('the<span style="left: -9999px"> new</span> ferry', "the ferry"),
    "not shown": ('the<span style="display: none"> new</span> ferry', "the ferry"),
    "a tooltip": ('the ferry<span role="tooltip">a boat</span> left', "the ferry left"),
    "a tooltip within": (
        'the <span class="tooltip">ferry<span class="tooltiptext">a boat</span></span> left',
        "the ferry left",
    ),
    "a tooltip's attribute": (
        'the <span class="tooltip" data-tip="a boat">ferry</span> left',
        "the ferry left",
    ),
    "BEM names": ('the ferry<i class="tooltip__content">a boat</i> left', "the ferry left"),
    "readings": ("<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>の船", "東京の船"),
    "shown and read": (
        '<span aria-hidden="true">$5m</span><span class="sr-only">five million</span> paid',
        "$5m paid",
    ),
    "not hidden": ('the <span class="not-sr-only">new</span> ferry', "the new ferry"),
}  # fmt: skip
REST = " because their boats need the narrow channel at dawn, and nobody else had asked for it."


@pytest.mark.parametrize(
    ("line", "text"), (NOTES | NO_NOTES | HIDDEN).values(), ids=NOTES | NO_NOTES | HIDDEN
)
def test_only_the_words_of_the_article_are_its_text(line: str, text: str) -> None:
    assert article_text(line + REST) == text + REST


def test_a_title_without_its_note() -> None:
    html = "<h1>Ferries return<sup>1</sup></h1>" + "".join(f"<p>{line}</p>" for line in KEPT_LINES)
    assert extract(Page(None, None, html, 200, "text/html")).title == "Ferries return"


def test_classes_that_the_page_puts_off_the_screen() -> None:
    sheet = "<style>/* a */ .quiet, p .x {position:absolute; clip: rect(0, 0, 0, 0)}</style>"
    line = 'Boats <span class="quiet">and ships</span><span class="x">again</span> left'
    assert article_text(line + REST, sheet) == "Boats again left" + REST
    printed = "<style>@media print { .quiet { clip: rect(0,0,0,0) } }</style>"
    assert article_text(line + REST, printed).startswith("Boats and ships")


def test_an_article_within_struck_or_hidden_tags_stays() -> None:
    body = "".join(f"<p>{line}</p>" for line in KEPT_LINES)
    tree = fromstring(f'<body><div class="offscreen"><s>{body}</s></div></body>')
    remove(tree)
    assert all(line in text_of(tree) for line in KEPT_LINES)


def test_notes_at_the_end_are_no_paragraphs() -> None:
    body = "".join(f"<p>{line}</p>" for line in KEPT_LINES)
    notes = (
        '<section role="doc-endnotes"><p>1. The vote was eleven to two, in the hall.</p></section>'
    )
    found = extract(Page(None, None, f"<article>{body}{notes}</article>", 200, "text/html"))
    assert [p.text for p in found.paragraphs] == list(KEPT_LINES)


def test_the_text_of_an_element_is_read_without_changing_it() -> None:
    element = fromstring("<p>Fishermen<sup>4</sup> <del>left</del>asked</p>")
    assert text_without(element) == "Fishermen asked"
    assert text_of(element) == "Fishermen4 leftasked"


def test_copied_text() -> None:
    assert without_note_marks("Fishermen¹² asked [3].") == "Fishermen asked."
