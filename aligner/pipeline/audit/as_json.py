"""The JSON objects of audits and clocks."""

from __future__ import annotations

from typing import Any

from aligner.alignment.clock import CaptionClock
from aligner.captions.lint import Report
from aligner.pipeline.audit.findings import AuditResult
from aligner.types import Json

SCHEMA = "aligner-audit/1"


def clock_json(clock: CaptionClock) -> Json:
    """Returns the clock of a file."""
    first, last = clock.segments[0].first, clock.segments[-1].last
    return {
        "offset_at_start_ms": clock.offset_ms(first.cue_ms),
        "offset_at_end_ms": clock.at(last.cue_ms, last.sound_ms) - last.cue_ms,
        "ratio": round(clock.ratio, 7),
        "frame_rates": clock.rates,
        "jumps": [
            {"from_ms": jump.before.sound_ms, "to_ms": jump.after.sound_ms, "by_ms": jump.by_ms}
            for jump in clock.jumps
        ],
        "spread_ms": round(clock.spread_ms),
    }


def audit_json(found: AuditResult) -> Json:
    """Returns a result in the schema aligner-audit/1."""
    words = found.words
    return {
        "schema": SCHEMA,
        "source": found.source,
        "media": found.media,
        "verdict": found.verdict,
        "reason": found.reason,
        "language": found.language,
        "duration_ms": found.duration_ms,
        "speech_ms": found.speech_ms,
        "cues": found.cues,
        "clock": clock_json(found.clock) if found.clock else None,
        "differences": [
            {
                "matter": d.matter, "cue": d.cue, "start_ms": d.start_ms, "captions": d.captions,
                "article": d.article, "sure": d.is_sure,
            }
            for d in found.differences
        ],
        "uncaptioned_ms": found.uncaptioned_ms,
        "uncaptioned": [[span.start, span.end] for span in found.uncaptioned],
        "nobody_speaks": [
            {"cue": s.cue, "start_ms": s.start_ms, "text": s.text} for s in found.silent
        ],
        "words": words and {
            "spoken": words.spoken, "captioned": words.captioned, "wrong": words.wrong,
            "missing": words.missing, "added": words.added, "unsure": words.unsure,
            "word_error": round(words.error, 4), "accuracy": round(words.accuracy, 4),
        },
        "errors": [
            {
                "kind": e.kind, "cue": e.cue, "start_ms": e.start_ms, "captions": e.captions,
                "heard": e.heard, "sure": e.is_sure, "matter": e.matter,
            }
            for e in found.errors
        ],
        "lint": found.report and _report(found.report),
    }  # fmt: skip


def _report(report: Report) -> dict[str, Any]:
    return {
        "valid": report.valid,
        "breaches": len(report.breaches),
        "rules": {
            rule.rule: {"kept": rule.kept, "of": rule.of, "share": round(rule.share, 4)}
            for rule in report.rules
        },
    }
