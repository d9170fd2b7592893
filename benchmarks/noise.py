"""Captions recordings that are hard to understand, and compares words and times with the truth.

    python benchmarks/noise.py CASES_DIR OUT_DIR [--only d01,d02] [--conditions clean,pink5]
                               [--engine ctranslate2] [--score-only] [--changed]
                               [-- MORE ARGUMENTS]

CASES_DIR has a folder for each case, with page.html, the recording that it links, and truth.json:
"media", the recording's name, and "spoken", a list of words, each with "w" as spoken, "start" in
seconds or null, and possibly "written" (the article's spelling), "alt" (other right spellings) and
"sentence_end". From each recording copies are made (noise_conditions.py):

    clean             the sound as it is, at 16 kHz
    opus8             Opus at 8 kbit/s
    music5            music, 5 dB below the speech
    pink10 pink5 pink0  pink noise, 10, 5 and 0 dB below the speech
    room              a room whose echo takes 0.6 s to fall by 60 dB
    murmur10 murmur5  six voices, those of the other cases, 10 and 5 dB below the speech

They are written to OUT_DIR/sound/CONDITION/CASE, and captioned by `aligner caption` (with MORE
ARGUMENTS) to OUT_DIR/captions/CONDITION/CASE. Printed for each condition, over all cases:

    WER       wrong, missing and added words, as a share of the words spoken
    names     capitalised words that do not begin a sentence and are right in the captions
    starts    mean error of the starts of right words, in ms
    cues      cues whose start is within 100 ms of that of their first word, where that is right
    ended     how many cases were captioned

With --changed the recordings are captioned with articles in which one word in twelve is another
one (changed_words.py); the words spoken need "end", "article_index" and "in_article" too, and the
truth "id" and "article". Printed is how many of the words that were changed the captions claim.
Errors and claims belong together: captions that believe the article more have fewer errors, and
more claims.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import changed_words
from cases import caption, pages, parser, serve, sidecar
from noise_conditions import Sound, conditions, write

from aligner.audio.decode import decode
from aligner.discovery.download import local

CUE_MS = 100
CHANGED = "changed-"
"""Before the name of a condition whose articles have changed words."""
VOICE_CASES = 6
"""Other cases whose recordings are the voices of a murmur."""


# ---------------------------------------------------------------- sounds


def sound_of(case: Path) -> Sound:
    """Returns the recording of a case."""
    media = json.loads((case / "truth.json").read_text("utf-8"))["media"]
    with tempfile.TemporaryDirectory() as folder:
        return np.array(decode(local(case / media), Path(folder)).samples) / 32_768


def make(cases: Path, case: Path, out: Path, wanted: list[str]) -> None:
    """Write the copies of one case that are missing, each with its page."""
    missing = [name for name in wanted if not (out / name / case.name / "page.html").exists()]
    if not missing:
        return
    others = [path.parent for path in sorted(cases.glob("*/truth.json"))]
    at = others.index(case)
    others = [*others[at + 1 :], *others[:at]][:VOICE_CASES]
    needs_voices = any(name.startswith("murmur") for name in missing)
    sound = sound_of(case)
    voices = [sound_of(one) for one in others] if needs_voices else []
    made = conditions(case.name, voices or [sound[::-1]])
    media = json.loads((case / "truth.json").read_text("utf-8"))["media"]
    for name in missing:
        folder = out / name / case.name
        folder.mkdir(parents=True, exist_ok=True)
        written = write(made[name](sound), folder, name)
        page = (case / "page.html").read_text("utf-8").replace(media, written.name)
        kind = "audio/ogg" if written.suffix == ".opus" else "audio/flac"
        page = re.sub(r"(?:video|audio)/(?:mp4|mpeg|ogg|webm)", kind, page)
        shutil.copy(case / "truth.json", folder)
        (folder / "page.html").write_text(page, "utf-8")


def change(cases: Path, case: Path, sounds: Path, wanted: list[str]) -> list[changed_words.Change]:
    """Write the copies of one case with a changed article, and return the changes."""
    truth = json.loads((case / "truth.json").read_text("utf-8"))
    made = list(changed_words.changes(truth, changed_words.others_of(cases, case)))
    for name in wanted:
        folder, source = sounds / f"{CHANGED}{name}" / case.name, sounds / name / case.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(next(source.glob("report.*")), folder)
        page = (source / "page.html").read_text("utf-8")
        changed = changed_words.with_changes(page, truth["article"], made)
        (folder / "page.html").write_text(changed, "utf-8")
    return made


# ---------------------------------------------------------------- scores


@dataclass(frozen=True)
class SpokenWord:
    """A word or a group of words of the truth."""

    forms: tuple[tuple[str, ...], ...]
    """The right spellings, as tokens; the publisher's is the first."""
    start_ms: float | None
    is_name: bool


@dataclass
class Score:
    """What was counted in some cases."""

    spoken: int = 0
    edits: int = 0
    names: int = 0
    right_names: int = 0
    captioned: int = 0
    starts: list[float] = field(default_factory=list)
    cues: list[float] = field(default_factory=list)

    def row(self, name: str, cases: int) -> str:
        """Returns the row of a condition."""
        near = np.abs(self.cues) <= CUE_MS
        return (
            f"| {name} | {self.edits / max(1, self.spoken):.1%} "
            f"| {self.right_names} of {self.names} "
            f"| {f'{np.abs(self.starts).mean():.1f}' if self.starts else '-'} "
            f"| {f'{near.mean():.1%} of {len(near)}' if self.cues else '-'} "
            f"| {self.captioned} of {cases} |"
        )


def tokens(text: str) -> tuple[str, ...]:
    """Returns the words of a text in lower case, without punctuation; compounds are divided."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = re.sub(r"(?<=\d),(?=\d)", "", text)
    parts = re.split(r"[\s\-\u2010-\u2015/]+", text)
    kept = (re.sub(r"[^\w'.$%€£]", "", part).strip("'.") for part in parts)
    return tuple(re.sub(r"(?<!\d)\.|\.(?!\d)", "", part) for part in kept if part)


def spoken_words(truth: dict[str, Any]) -> Iterator[SpokenWord]:
    """Yields the words of a truth."""
    begins = True
    for word in truth["spoken"]:
        written = word.get("written", word["w"])
        forms = dict.fromkeys(tokens(one) for one in (written, word["w"], *word.get("alt", ())))
        capital = any(part[:1].isupper() for part in re.split(r"[\s\-]", written))
        is_name = capital and not begins and not re.match(r"I\b", written)
        start = None if word["start"] is None else word["start"] * 1000
        if right := tuple(form for form in forms if form):
            yield SpokenWord(right, start, is_name)
        begins = bool(word.get("sentence_end"))


def aligned(words: list[SpokenWord], made: list[str]) -> tuple[int, dict[int, int]]:
    """Aligns captions with the truth by the fewest edits.

    Returns the edits, and for each right word the index of its first token in ``made``.
    """
    width = len(made) + 1
    cost = np.zeros((len(words) + 1, width), np.int32)
    cost[0] = np.arange(width)
    came: list[list[int]] = [[-1] * width]  # tokens that a word takes; -1: an added token
    for at, word in enumerate(words, 1):
        primary = len(word.forms[0])
        row, last, ways = cost[at], cost[at - 1], [0] * width
        for end in range(width):
            best, taken = int(last[end]) + primary, 0
            for form in word.forms:
                if (start := end - len(form)) >= 0:
                    wrong = sum(a != b for a, b in zip(form, made[start:end], strict=True))
                    price = int(last[start]) + min(wrong, primary)
                    if price <= best:
                        best, taken = price, len(form)
            if end and row[end - 1] + 1 < best:
                best, taken = int(row[end - 1]) + 1, -1
            row[end], ways[end] = best, taken
        came.append(ways)
    return int(cost[-1, -1]), _right(words, made, came)


def _right(words: list[SpokenWord], made: list[str], came: list[list[int]]) -> dict[int, int]:
    """Returns the right words on the path with the fewest edits."""
    right: dict[int, int] = {}
    at, end = len(words), len(made)
    while at:
        taken = came[at][end]
        if taken < 0:
            end -= 1
            continue
        at, end = at - 1, end - taken
        if taken and tuple(made[end : end + taken]) in words[at].forms:
            right[at] = end
    return right


def add(score: Score, truth: dict[str, Any], record: dict[str, Any] | None) -> None:
    """Count one case: its truth, and its sidecar if there is one."""
    words = list(spoken_words(truth))
    record = record or {}
    timed = [
        (token, word["start_ms"] if k == 0 else None)
        for word in record.get("words", ())
        for k, token in enumerate(tokens(word["text"]))
    ]
    cues: list[tuple[int, float]] = []
    texts: list[str] = []
    for cue in record.get("cues", ()):
        cues.append((len(texts), cue["start_ms"]))
        texts += tokens(" ".join(cue["lines"]))
    edits, right = aligned(words, texts)
    where = {first: at for at, first in right.items()}
    blocks = SequenceMatcher(None, texts, [t for t, _ in timed], autojunk=False)
    times = {
        m.a + k: timed[m.b + k][1] for m in blocks.get_matching_blocks() for k in range(m.size)
    }
    score.spoken += sum(len(word.forms[0]) for word in words)
    score.edits += edits
    score.names += sum(word.is_name for word in words)
    score.right_names += sum(words[at].is_name for at in right)
    score.captioned += record.get("status") == "captioned"
    for at, first in right.items():
        true, ours = words[at].start_ms, times.get(first)
        if true is not None and ours is not None:
            score.starts.append(ours - true)
    for first, start in cues:
        true = words[where[first]].start_ms if first in where else None
        if true is not None:
            score.cues.append(start - true)


# ---------------------------------------------------------------- the command


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--conditions", default="", help="comma-separated; all by default")
    arguments.add_argument("--score-only", action="store_true")
    arguments.add_argument("--changed", action="store_true", help="count changed words claimed")
    arguments.add_argument("more", nargs="*", help="arguments of aligner caption, after --")
    args = arguments.parse_args()
    names = [name for name in args.conditions.split(",") if name] or [*conditions("", [])]
    if unknown := set(names) - set(conditions("", [])):
        arguments.error(f"no such condition: {', '.join(sorted(unknown))}")
    sounds = args.out / "sound"
    cases = [page.parent for page in pages(args.cases, args.only)]
    for case in () if args.score_only and not args.changed else cases:
        make(args.cases, case, sounds, names)
    base = "" if args.score_only else serve(sounds)
    run = Run(args.out, base, ["--engine", args.engine, *args.more])
    if args.changed:
        claims(args.cases, cases, names, run)
    else:
        errors(cases, names, run)


@dataclass(frozen=True)
class Run:
    """How the copies are captioned."""

    out: Path
    base: str
    """Address of the copies; "" to take the captions that are there."""
    more: list[str]

    def caption(self, name: str, case: str) -> dict[str, Any] | None:
        """Returns the sidecar of a copy; None if there is none."""
        into = self.out / "captions" / name / case
        if self.base:
            caption(f"{self.base}{name}/{case}/page.html", into, self.more)
        made = sidecar(into)
        return json.loads(made.read_text("utf-8")) if made else None


def errors(cases: list[Path], names: list[str], run: Run) -> None:
    """Print the errors of words and times in each condition."""
    print("| condition | WER | names | starts, ms | cues within 100 ms | ended |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in names:
        score = Score()
        for case in cases:
            truth = json.loads((case / "truth.json").read_text("utf-8"))
            add(score, truth, run.caption(name, case.name))
        print(score.row(name, len(cases)), flush=True)


def claims(folder: Path, cases: list[Path], names: list[str], run: Run) -> None:
    """Print how many changed words are claimed in each condition."""
    changed = {case: change(folder, case, run.out / "sound", names) for case in cases}
    print(f"| condition | claimed | {' | '.join(changed_words.KINDS)} |")
    print("|---" * (2 + len(changed_words.KINDS)) + "|")
    for name in names:
        those = [
            one
            for case, made in changed.items()
            for one in changed_words.claimed(made, run.caption(f"{CHANGED}{name}", case.name))
        ]
        every = [one for made in changed.values() for one in made]
        print(changed_words.row(name, every, those), flush=True)


if __name__ == "__main__":
    main()
