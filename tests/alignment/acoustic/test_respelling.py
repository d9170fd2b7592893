"""How words are said, as people write it."""

from __future__ import annotations

import pytest

from aligner.alignment.acoustic.pronouncing import most_alike, phones_key, pronunciations_of
from aligner.alignment.acoustic.respelling import phones_of
from aligner.types import GlossaryTerm


@pytest.mark.parametrize(
    ("said", "phones"),
    [
        ("shiv-AWN", "SH IH V AO N"),
        ("/ʃɪˈvɔːn/", "SH IH V AO N"),
        ("ʃɪˈvɔːn", "SH IH V AO N"),
        ("mih-koh-LYVE", "M IH K OW L AY V"),
        ("KEEV", "K IY V"),
        ("zhuh-NEV", "ZH AH N EH V"),
        ("my-KAY-la", "M AY K EY L AH"),
        ("oh-KON-joh", "OW K AA N JH OW"),
        ("thlan-DID-noh", "TH L AE N D IH D N OW"),
        ("bell", "B EH L"),
        ("air-SHER", "EH R SH ER"),
        ("…", ""),
        ("12", ""),
    ],
)
def test_respellings_and_ipa(said: str, phones: str) -> None:
    assert " ".join(phones_of(said)) == phones


def test_each_word_of_a_term_gets_its_pronunciation() -> None:
    terms = [
        GlossaryTerm("Siobhan Kelleher", ("shiv-AWN KEL-er", "/ʃɪˈvɔːn ˈkɛləhər/")),
        GlossaryTerm("Okonjo-Iweala", ("oh-KON-joh ee-WAY-la",)),
        GlossaryTerm("Ullapool", ("one two",)),
    ]
    found = pronunciations_of(terms, "en")
    assert found["siobhan"] == (("SH", "IH", "V", "AO", "N"),)
    assert len(found["kelleher"]) == 2
    assert found["iweala"] == (("IY", "W", "EY", "L", "AH"),)
    assert "ullapool" not in found


def test_words_sound_alike_by_the_pronunciation_that_is_given() -> None:
    heard, *_ = phones_key(["Shavawn"], "en", {})
    given = pronunciations_of([GlossaryTerm("Xhqaw", ("shuh-VAWN",))], "en")
    plain, said = phones_key(["Xhqaw"], "en", {}), phones_key(["Xhqaw"], "en", given)
    assert len(said) == 2
    assert not most_alike(heard, plain, 0.6)
    assert most_alike(heard, said, 0.6)[0][2] == 1
