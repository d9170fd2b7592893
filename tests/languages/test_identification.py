"""A page's declared language is doubted only where its text is clearly in another one."""

from __future__ import annotations

import pytest

from aligner.languages.identification import is_written_in

FRENCH = (
    "Le président a dit que les routes de la ville sont ouvertes et que les gens peuvent rentrer "
    "chez eux dans la journée, mais il ne sait pas quand le pont sera ouvert pour les voitures."
)
ENGLISH = (
    "The president said that the roads of the city are open and that people can go home in the "
    "afternoon, but he does not know when the bridge will be open for the cars of the people."
)
SWAHILI = (
    "Rais alisema kwamba barabara za mji zimefunguliwa na watu wanaweza kurudi nyumbani leo mchana "
    "lakini hajui ni lini daraja litafunguliwa kwa magari ya watu wa mji huo na vijiji vyake."
)


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        (FRENCH, "fr", True),
        (FRENCH, "fr-CA", True),
        (FRENCH, "en", False),
        (FRENCH, "sw", False),
        (ENGLISH, "en-US", True),
        (ENGLISH, "de", False),
        (SWAHILI, "sw", True),
        ("Trois mots seulement", "en", True),
        ("", "en", True),
    ],
)
def test_text_and_declared_language(text: str, tag: str, expected: bool) -> None:
    assert is_written_in(text, tag) is expected
