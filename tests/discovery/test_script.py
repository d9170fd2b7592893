"""Scripts: whose words they are, and what is not said."""

from __future__ import annotations

import pytest

from aligner.discovery.article.script import Block, script_paragraphs
from aligner.discovery.article.text import paragraphs
from aligner.types import Paragraph

SCRIPT = """\
Flood special

PRESENTER: Good evening. [MUSIC]
MAYOR BRADLEY (on the phone): We [laughs] opened the [main] gates at the Council's (NATO) request.
[APPLAUSE]
(He sits down.)
PRESENTER: Yes.
MAYOR BRADLEY: Yes.
[00:12:30] PRESENTER: Good night.
♪ Oh say can you see ♪
♪ gentle music ♪
"""


def test_a_script_tells_apart_who_speaks_and_what_is_not_said() -> None:
    assert paragraphs(SCRIPT) == (
        Paragraph("Flood special", "title"),
        Paragraph("Good evening.", "body", "PRESENTER", ("[MUSIC]",)),
        Paragraph(
            "We opened the [main] gates at the Council's (NATO) request.",
            "body", "MAYOR BRADLEY", ("(on the phone)", "[laughs]"),
        ),
        Paragraph("[APPLAUSE]", "sound"),
        Paragraph("(He sits down.)", "direction"),
        Paragraph("Yes.", "body", "PRESENTER"),
        Paragraph("Yes.", "body", "MAYOR BRADLEY"),
        Paragraph("Good night.", "body", "PRESENTER"),
        Paragraph("Oh say can you see"),
        Paragraph("♪ gentle music ♪", "sound"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "The harbour opens\n\nUPDATE: The council met on Monday.\n\nIt was late.\n\nAll were glad.",
        'The mayor said: "We are glad."\n\nThe North Atlantic Treaty Organization (NATO) agreed.',
        "A thing\n\nThe word [harbour] is new.\n\nBackground: the port is old.",
        "EXCLUSIVE: The port\n\nWATCH: The film\n\nThe port is old.",
        "A day\n\nIt was 10:30 and late.\n\nThe bus left at 11:00 as planned.",
    ],
)
def test_an_article_is_no_script(text: str) -> None:
    found = paragraphs(text)
    assert all(p.speaker is None and not p.cues for p in found)
    assert " ".join(" ".join(p.text for p in found).split()) == " ".join(text.split())


def test_names_in_small_letters_are_speakers_where_they_recur() -> None:
    text = "Ana Ruiz: Hello.\nTom: Hello, Ana.\nAna Ruiz: Note this: it rains.\nTom: It does."
    assert [(p.speaker, p.text) for p in paragraphs(text)] == [
        ("Ana Ruiz", "Hello."),
        ("Tom", "Hello, Ana."),
        ("Ana Ruiz", "Note this: it rains."),
        ("Tom", "It does."),
    ]


def test_a_screenplay_has_the_names_above_the_words() -> None:
    text = (
        "INT. HARBOUR - NIGHT\n\nANA\n(quietly)\nHello.\n\nTOM\nWho is it?\n\n"
        "ANA\nIt is me.\n\nTOM\nAh."
    )
    assert [(p.role, p.speaker, p.text) for p in paragraphs(text)] == [
        ("direction", None, "INT. HARBOUR - NIGHT"),
        ("direction", None, "(quietly)"),
        ("body", "ANA", "Hello."),
        ("body", "TOM", "Who is it?"),
        ("body", "ANA", "It is me."),
        ("body", "TOM", "Ah."),
    ]


def test_lines_that_a_mail_program_wrapped_are_joined_up_to_the_next_speaker() -> None:
    text = (
        "PRESENTER: Good evening and welcome to the news from the\n"
        "harbour, where the gates were opened this morning by the\n"
        "council and by the engineers who had waited for a week.\n"
        "MAYOR: Thank you for coming out to us in such weather, we\n"
        "are glad that all of it is over and that people can go\n"
        "home.\n"
    )
    assert [p.speaker for p in paragraphs(text)] == ["PRESENTER", "MAYOR"]


def test_nobody_gets_a_name_that_stands_in_another_paragraph() -> None:
    found = paragraphs("HOST: Good evening.\nThe doors open.\nGUEST: Hello.\nHOST: Sit down.")
    assert [p.speaker for p in found] == ["HOST", None, "GUEST", "HOST"]


def test_brackets_of_captions_are_cues() -> None:
    blocks = [Block("(rain) It falls (he shrugs) again.")]
    assert script_paragraphs(blocks, captions=True) == (
        Paragraph("It falls again.", "body", None, ("(rain)", "(he shrugs)")),
    )
    assert script_paragraphs(blocks) == ()
