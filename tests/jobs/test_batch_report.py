"""The page of a batch: what strangers wrote is shown, and does nothing."""

import json
from pathlib import Path

from lxml import html

from aligner.jobs import report
from aligner.jobs.job_store import JobStore
from aligner.jobs.rows import JobResult, NewJob
from aligner.jobs.storage import Folder

BAD = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\x1b[31m\u202e'


def written(folder: Path, *items: tuple[str, str, dict[str, object]]) -> tuple[str, str]:
    """Keys, statuses and records -> both reports."""
    with JobStore(folder / "ledger") as ledger:
        ledger.enter(NewJob(key, b'"x"', key, str) for key, _, _ in items)
        ledger.enter_results(
            (key, JobResult(status, str(made.get("reason", "")), json.dumps(made), "vtt"))
            for key, status, made in items
        )
        lines, page = report.write(ledger, Folder(folder))
        return Path(lines).read_text("utf-8"), Path(page).read_text("utf-8")


def test_texts_of_pages_are_escaped(tmp_path: Path) -> None:
    record: dict[str, object] = {
        "title": BAD,
        "url": f"javascript:{BAD}",
        "reason": BAD,
        "files": [f"{BAD}.vtt"],
    }
    lines, page = written(
        tmp_path, (BAD, "error", record), ("https://a.example/?\"'<", "error", {})
    )
    tree = html.fromstring(page)
    assert not tree.xpath("//script | //img | //*[@onerror]")
    assert all(str(a.get("href")).startswith(("https://", "./")) for a in tree.iter("a"))
    assert "\x1b" not in page
    assert BAD.replace("\x1b", "") in tree.text_content()
    assert json.loads(lines.splitlines()[0])["source"] == BAD


def test_failures_are_the_first_rows(tmp_path: Path) -> None:
    def share(part: float) -> dict[str, object]:
        return {"coverage": {"speech_in_article": part}, "duration_ms": 60_000}

    _, page = written(
        tmp_path,
        ("good", "captioned", share(0.9)),
        ("poor", "captioned", share(0.4)),
        ("lost", "error", {"reason": "the page cannot be read"}),
        ("none", "no_media", {}),
    )
    tree = html.fromstring(page)
    order = [row.text_content() for row in tree.xpath("//tbody/tr")]
    assert [next(k for k in ("good", "poor", "lost", "none") if k in row) for row in order] == [
        "lost", "none", "poor", "good",
    ]  # fmt: skip
    text = tree.text_content()
    assert "2 captioned, 1 error, 1 no_media" in text
    assert "00:02:00 of recordings" in text
    assert "65% of the speech" in text
