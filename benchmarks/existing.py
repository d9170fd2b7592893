"""Makes right captions wrong on purpose, and measures what `audit` and `retime` make of them.

    python benchmarks/existing.py CASES_DIR [--only d01,d05] [--transcripts DIR] [--model base]
                                  [--ffsubsync PROGRAM] [--json FILE]

CASES_DIR has a folder for each case, with truth.json: "media" (a file beside it), "expect"
("captioned" for the cases taken), "article" (paragraphs) and "spoken" (words with "w", "written",
"start", "end" in seconds, "sentence_end"). The captions of a case are its spoken words as they are
written, cut at sentences and every seven words, each cue from its first word to its last one.

Each recording is recognised once, without a draft; the transcript is kept in --transcripts. The
captions are then made wrong: an offset, the drift of four pairs of frame rates, one to three jumps
(cues after a cut are late, before an insertion early), starts that are each up to 0.25 s off, a
tenth of the cues dropped, names and numbers changed for other ones of the same case, 2 % of the
words changed, the captions of another case. --ffsubsync names that program; it is given the same
files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wrong_captions import (
    CUE_WORDS,
    UNEVEN_MS,
    Case,
    Cue,
    cases,
    clock,
    is_name,
    is_number,
    other_number,
    vtt,
    wrong_times,
)

from aligner.asr.backends import recorded
from aligner.captions.profiles import PROFILES
from aligner.captions.retiming.files import open_captions
from aligner.errors import OtherRecording
from aligner.languages import normalise
from aligner.pipeline import steps
from aligner.pipeline.audit.caption_text import as_article
from aligner.pipeline.audit.cue_times import CueTimes, cue_times
from aligner.pipeline.audit.findings import AuditResult
from aligner.pipeline.audit.hearing import HeardCaptions, Hearing
from aligner.pipeline.audit.judge import judged
from aligner.pipeline.audit.retime import shifted_times, spoken_times
from aligner.pipeline.options import Options
from aligner.pipeline.progress import NullProgress
from aligner.pipeline.recordings import given_link, with_recording
from aligner.pipeline.resources import for_one_article
from aligner.pipeline.state import StepContext, require
from aligner.types import Article, CaptionResult, Paragraph, Span

OTHER = Article(None, None, "en", (Paragraph(""),))


@dataclass(slots=True)
class Figures:
    """Sums over all cases."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def share(self, part: str, whole: str) -> float | None:
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None


# ---------------------------------------------------------------- hearing


def transcribe(case: Case, options: Options) -> float:
    """Recognise a recording without a draft, and keep the transcript. Returns the seconds."""
    began = time.perf_counter()
    resources = for_one_article(options)
    with tempfile.TemporaryDirectory() as folder:
        context = StepContext(options, Path(folder), resources, NullProgress())
        state = with_recording(
            CaptionResult("error", "", case.name, article=OTHER), given_link(case.media)
        )
        for step in (steps.get_recording, steps.get_audio, steps.transcribe):
            state = step(state, context)
    resources.settle()
    text = recorded.as_text(require(state.recognition).transcript)
    case.transcript.write_text(text, "utf-8")
    return time.perf_counter() - began


def hear(case: Case, cues: Sequence[Cue]) -> HeardCaptions:
    """Match captions with the recording. Raises OtherRecording."""
    options = Options(media=case.media, engine="recorded", model=case.transcript, draft=False)
    hearing = Hearing(options, for_one_article(options))
    article = as_article([[" ".join(cue.words)] for cue in cues], "en")
    return hearing.captions(case.name, article, given_link(case.media))


def audited(
    heard: HeardCaptions, shown: Sequence[Span], article: Article | None = None
) -> AuditResult:
    return judged(AuditResult("", None, "error", ""), heard, shown, article)


def measure_times(case: Case, heard: HeardCaptions, figures: Figures, peer: str | None) -> None:
    """Count how well wrong times are told and mended."""
    for kind, shown, places in wrong_times(case):
        spoken = cue_times(heard, shown)
        assert spoken.clock  # noqa: S101  the words are the recording's
        figures.counts[f"{kind} files"] += 1
        shifted = shifted_times(spoken, spoken.clock)
        pairs = list(zip(shifted, case.cues, strict=True))
        least = UNEVEN_MS if kind == "uneven" else 0
        away = max(0, max(abs(span.start - cue.start_ms) for span, cue in pairs) - least)
        figures.counts[f"{kind} within 40 ms"] += away <= 40
        if away > 40:
            figures.notes.append(f"{case.name} {kind}: {away} ms away; {places}")
        told = [jump.after.sound_ms for jump in spoken.clock.jumps]
        expected = [case.cues[at].start_ms for at in places]
        near = len(told) == len(expected) and all(
            abs(a - b) <= 2_000 for a, b in zip(told, expected, strict=True)
        )
        figures.counts[f"{kind} jumps right"] += near
        if not near:
            figures.notes.append(f"{case.name} {kind}: jumps at {expected}, told at {told}")
        count_starts(f"{kind} shifted", shifted, case.cues, figures)
        full = retimed(spoken, shifted, case, heard)
        count_starts(f"{kind} full", full, case.cues, figures)
        given = vtt(case.cues, shown)
        made = open_captions(given, "x.vtt").retimed(full)
        figures.counts["retimed files"] += 1
        figures.counts["bytes kept"] += without_times(given) == without_times(made)
        if peer:
            measure_peer(peer, kind, case, given, figures)


def retimed(
    spoken: CueTimes, shifted: Sequence[Span], case: Case, heard: HeardCaptions
) -> list[Span]:
    lines = [(" ".join(cue.words),) for cue in case.cues]
    profile = PROFILES["netflix"].for_language("en")
    return spoken_times(spoken, shifted, lines, profile, heard.duration_ms)


def count_starts(name: str, times: Sequence[Span], cues: Sequence[Cue], figures: Figures) -> None:
    for span, cue in zip(times, cues, strict=True):
        figures.counts[f"{name} cues"] += 1
        figures.counts[f"{name} within 100 ms"] += abs(span.start - cue.start_ms) <= 100


def without_times(data: bytes) -> bytes:
    return re.sub(rb"[\d:.]+ --> [\d:.]+", b"-->", data)


def measure_peer(program: str, kind: str, case: Case, given: bytes, figures: Figures) -> None:
    """Count the cue starts of ffsubsync on the same file."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "in.srt"), Path(folder, "out.srt")
        path.write_text(as_srt(given), "utf-8")
        command = [program, str(case.media), "-i", str(path), "-o", str(out)]
        command += ["--max-offset-seconds", "120"]
        subprocess.run(command, capture_output=True, check=False, env=dict(os.environ))
        if not out.exists():
            figures.counts[f"ffsubsync {kind} cues"] += len(case.cues)
            return
        times = [Span(c.start_ms, c.end_ms) for c in open_captions(out.read_bytes(), "o.srt").cues]
    if len(times) == len(case.cues):
        count_starts(f"ffsubsync {kind}", times, case.cues, figures)
    else:
        figures.counts[f"ffsubsync {kind} cues"] += len(case.cues)


def as_srt(given: bytes) -> str:
    cues = open_captions(given, "x.vtt").cues
    return "\n".join(
        f"{c.number}\n{clock(c.start_ms)} --> {clock(c.end_ms)}\n".replace(".", ",")
        + "\n".join(c.lines) + "\n"
        for c in cues
    )  # fmt: skip


# ---------------------------------------------------------------- wrong words


def measure_dropped(case: Case, figures: Figures) -> None:
    """Drop a tenth of the cues, and count the seconds told."""
    chance = random.Random(case.name)  # noqa: S311
    dropped = set(chance.sample(range(1, len(case.cues) - 1), max(1, len(case.cues) // 10)))
    left = [cue for k, cue in enumerate(case.cues) if k not in dropped]
    result = audited(hear(case, left), [cue.span for cue in left])
    gone = [case.cues[k].span for k in sorted(dropped)]
    told = sum(overlap(one, other) for one in result.uncaptioned for other in gone)
    false = sum(overlap(one, cue.span) for one in result.uncaptioned for cue in left)
    figures.counts["dropped ms"] += sum(map(len, gone))
    figures.counts["dropped ms told"] += told
    figures.counts["captioned ms"] += sum(len(cue.span) for cue in left)
    figures.counts["captioned ms told as dropped"] += false
    if told < 0.99 * sum(map(len, gone)) or false:
        figures.notes.append(
            f"{case.name} dropped: told {told} of {sum(map(len, gone))} ms, {false} ms false"
        )


def overlap(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def measure_changed(case: Case, figures: Figures) -> None:
    """Change every third name and number, and count those told and false alarms."""
    chance = random.Random(case.name)  # noqa: S311
    flat = [(k, at) for k, cue in enumerate(case.cues) for at in range(len(cue.words))]
    words = [case.cues[k].words[at] for k, at in flat]
    names = sorted({normalise(w): w for i, w in enumerate(words) if is_name(words, i)}.values())
    changed: dict[int, tuple[str, str]] = {}
    fresh = list(words)
    worth = [i for i in range(len(words)) if is_number(words[i]) or is_name(words, i)]
    for i in worth[::3]:
        if is_number(words[i]):
            fresh[i] = other_number(words[i], chance)
        else:
            others = [n for n in names if normalise(n)[:2] != normalise(words[i])[:2]]
            if not others:
                continue
            tail = words[i][len(words[i].rstrip('.,;:?!"”')) :]
            fresh[i] = chance.choice(others).rstrip('.,;:?!"”') + tail
        changed[i] = (words[i], fresh[i])
    result, left = audit_words(case, flat, fresh)
    told = {d.cue for d in result.differences} | {e.cue for e in result.errors if e.is_sure}
    hit = {i for i in changed if flat[i][0] + 1 in told}
    figures.counts["changed"] += len(changed)
    figures.counts["changed told"] += len(hit)
    touched = {flat[i][0] + 1 for i in changed}
    alarms = [d for d in result.differences if d.cue not in touched]
    fresh_words = {new for _, new in changed.values()}
    errors = [
        e for e in result.errors
        if e.is_sure and e.matter and e.cue not in touched
        and fresh_words.isdisjoint(e.captions.split())  # a phrase may begin in the cue before
    ]  # fmt: skip
    figures.counts["words unchanged"] += sum(
        len(cue.words) for k, cue in enumerate(left) if k + 1 not in touched
    )
    figures.counts["differences falsely told"] += len(alarms)
    figures.counts["names and numbers falsely told"] += sum(e.count for e in errors)
    figures.notes += [f"{case.name} not told: {changed[i]}" for i in changed if i not in hit]
    figures.notes += [f"{case.name} false: {d.captions!r} for {d.article!r}" for d in alarms]
    figures.notes += [f"{case.name} false: {e.kind} {e.captions!r}/{e.heard!r}" for e in errors]


def measure_edited(case: Case, figures: Figures) -> None:
    """Change 2 % of the words for others of the case, and count the cues that are told."""
    chance = random.Random(f"{case.name} words")  # noqa: S311
    flat = [(k, at) for k, cue in enumerate(case.cues) for at in range(len(cue.words))]
    words = [case.cues[k].words[at] for k, at in flat]
    plain = [i for i, w in enumerate(words) if w.isalpha() and len(w) > 3 and w.islower()]
    fresh = list(words)
    changed = chance.sample(plain, min(len(plain), max(1, len(words) // 50)))
    for i in changed:
        others = [words[j] for j in plain if words[j][:2] != words[i][:2]]
        fresh[i] = chance.choice(others)
    result, _ = audit_words(case, flat, fresh)
    told = {e.cue for e in result.errors if e.is_sure}
    unsure = {e.cue for e in result.errors if not e.is_sure}
    figures.counts["edited"] += len(changed)
    figures.counts["edited told"] += sum(flat[i][0] + 1 in told for i in changed)
    figures.counts["edited unsure"] += sum(flat[i][0] + 1 in unsure - told for i in changed)


def audit_words(
    case: Case, flat: Sequence[tuple[int, int]], words: Sequence[str]
) -> tuple[AuditResult, list[Cue]]:
    """Audit the captions of a case with other words."""
    rows: list[list[str]] = [[] for _ in case.cues]
    for (k, _), word in zip(flat, words, strict=True):
        rows[k].append(word)
    cues = [replace(cue, words=tuple(row)) for cue, row in zip(case.cues, rows, strict=True)]
    return audited(hear(case, cues), [cue.span for cue in cues], case.article), cues


def is_part(one: Case, other: Case) -> bool:
    """Whether one recording has much of the text of another one."""
    texts = [" ".join(w for cue in case.cues for w in cue.words) for case in (one, other)]
    return any(" ".join(cue.words) in texts[1] for cue in one.cues if len(cue.words) == CUE_WORDS)


def measure_other(case: Case, other: Case, figures: Figures) -> None:
    """Count whether another case's captions are refused."""
    figures.counts["others"] += 1
    try:
        hear(case, other.cues)
    except OtherRecording:
        figures.counts["others refused"] += 1
    else:
        figures.notes.append(f"{case.name} accepts the captions of {other.name}")


# ---------------------------------------------------------------- all of it


def measure(todo: Sequence[Case], peer: str | None) -> Figures:
    figures = Figures()
    for at, case in enumerate(todo):
        began = time.perf_counter()
        heard = hear(case, case.cues)
        measure_times(case, heard, figures, peer)
        figures.counts["right"] += 1
        parts: tuple[Callable[[Case, Figures], None], ...] = (
            measure_dropped, measure_changed, measure_edited
        )  # fmt: skip
        for part in parts:
            part(case, figures)
        others = [one for one in (*todo[:at][::-1], *todo[at + 1 :]) if not is_part(one, case)]
        if others:
            measure_other(case, others[0], figures)
        print(f"{case.name}: {time.perf_counter() - began:.0f} s", flush=True)
    return figures


def show(figures: Figures) -> None:
    for note in figures.notes:
        print("  ", note)
    for kind in ("offset", "drift", "jumps", "uneven"):
        files = f"{kind} files"
        print(
            f"{kind}: {figures.counts[files]} files,"
            f" within 40 ms {shown(figures.share(f'{kind} within 40 ms', files))},"
            f" jumps told right {shown(figures.share(f'{kind} jumps right', files))}"
        )
        for way in (f"{kind} shifted", f"{kind} full", f"ffsubsync {kind}"):
            share = figures.share(f"{way} within 100 ms", f"{way} cues")
            if share is not None:
                print(f"   {way}: {figures.counts[f'{way} cues']} cues, {shown(share)} in 100 ms")
    pairs = (
        ("bytes kept", "retimed files"), ("dropped ms told", "dropped ms"),
        ("captioned ms told as dropped", "captioned ms"), ("changed told", "changed"),
        ("differences falsely told", "words unchanged"),
        ("names and numbers falsely told", "words unchanged"),
        ("edited told", "edited"), ("edited unsure", "edited"), ("others refused", "others"),
    )  # fmt: skip
    for part, whole in pairs:
        numbers = f"{figures.counts[part]} of {figures.counts[whole]}"
        print(f"{part}: {numbers} ({shown(figures.share(part, whole))})")


def shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--transcripts", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--ffsubsync")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        transcripts = given.transcripts or Path(folder)
        transcripts.mkdir(parents=True, exist_ok=True)
        todo = list(cases(given.cases, given.only, transcripts))
        for case in todo:
            if not case.transcript.exists():
                options = Options(media=case.media, model=given.model, draft=False)
                print(f"{case.name}: recognised in {transcribe(case, options):.0f} s", flush=True)
        figures = measure(todo, given.ffsubsync)
    show(figures)
    if given.json:
        given.json.write_text(json.dumps(figures.counts, indent=1), "utf-8")


if __name__ == "__main__":
    main()
