"""Runs the commands of an editor's work: caption, correct, export, caption and batch again.

python benchmarks/editors_story.py [--engine auto] [--keep DIR]

Each step is a command in a process of its own, on the sample's page on loopback; the correction is
the HTTP request that the review page sends. After each step the checksums of all files are printed.
It is checked that the corrected words are in every file that has words, that nothing was recognised
or requested again, and that the sidecar is unchanged since the correction. Exit code 1 if not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "samples"))

from serve import Handler  # noqa: E402  a script of samples/, which is no package

SAMPLE = ROOT / "samples" / "russia-and-assad"
NAME = "russia-and-assad"
CORRECTED = "Penhallow corrected this."
WORDLESS = (".player.html", ".report.md", ".m3u8", ".mp4", ".html")
"""Endings of files that do not contain the first cue's words as text."""


@dataclass
class Site:
    """The sample's page at an address, and the requests for it."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def site() -> Iterator[Site]:
    """Serve the sample on loopback, and count its requests."""
    made = Site()

    class Counted(Handler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(SAMPLE.parent))

        def send_head(self) -> Any:
            made.asked.append(self.path)
            return super().send_head()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_address[1]}/{NAME}/"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Story:
    """A folder of results, and the steps that are taken with it."""

    site: Site
    folder: Path
    engine: tuple[str, ...]
    left: dict[str, Any] = field(default_factory=dict)
    """The sidecar as the editor left it."""
    wrong: list[str] = field(default_factory=list)

    @property
    def output(self) -> Path:
        return self.folder / "captions"

    @property
    def sidecar(self) -> Path:
        return self.output / f"{NAME}.json"

    def step(self, *arguments: str | Path, code: int = 0, asks: bool = False) -> str:
        """Run a command, and print what it did and the files; returns its output."""
        before = len(self.site.asked)
        command = [sys.executable, "-m", "aligner", *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        shown = " ".join(str(a) for a in arguments).replace(str(self.folder), "")
        asked = len(self.site.asked) - before
        print(f"\n$ aligner {shown}\n  exit {ran.returncode}, {asked} requests")
        for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines())[:6]:
            print(f"  {line.replace(str(self.folder), '')}")
        self.expect(ran.returncode == code, f"{shown}: exit {ran.returncode}, not {code}")
        self.expect(asks or not asked, f"{shown}: {asked} requests")
        self.look(shown)
        return ran.stdout

    def save(self) -> None:
        """Correct the first cue on the review page's server, as the page does."""
        command = [sys.executable, "-m", "aligner", "review", "--serve", str(self.output)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout  # noqa: S101
            address = server.stdout.readline().strip()
            text = self.sidecar.read_text(encoding="utf-8")
            origin = address.rsplit("/", 2)[0]
            answer = httpx.post(
                f"{address}save/{quote(NAME)}", json=correction(text), headers={"Origin": origin}
            )
            print(f"\nSave on the page: HTTP {answer.status_code}")
            self.expect(answer.status_code == 200, f"Save: {answer.text}")
            server.terminate()
        self.left = json.loads(self.sidecar.read_text(encoding="utf-8"))
        self.look("Save")

    def look(self, after: str) -> None:
        """Print the files' checksums, and check that they contain the correction."""
        for path in sorted(p for p in self.output.rglob("*") if p.is_file()):
            inside = path.relative_to(self.output).as_posix()
            if not inside.startswith(".aligner") and ".hls/" not in inside:
                print(f"    {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}  {inside}")
                if self.left and not inside.startswith("report.") and ".first." not in inside:
                    self._look_at(path, inside, after)
        if self.left:
            now = json.loads(self.sidecar.read_text(encoding="utf-8"))
            same = {k: v for k, v in now.items() if k != "look"} == self.left
            self.expect(same, f"{after}: the sidecar is not as the editor left it")

    def _look_at(self, path: Path, inside: str, after: str) -> None:
        if not inside.endswith(WORDLESS):
            stands = "Penhallow" in path.read_text(encoding="utf-8")
            self.expect(stands, f"{after}: the correction is not in {inside}")

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)
            print(f"  WRONG: {otherwise}")


def correction(text: str) -> dict[str, Any]:
    """Returns what the page posts when the text of the first cue is changed."""
    record = json.loads(text)
    cues, said = record["cues"], record["words"]
    cues[0] |= {"lines": [CORRECTED], "origin": "edited"}
    new = said[0] | {"text": CORRECTED, "origin": "edited", "end_ms": cues[0]["end_ms"]}
    rest = [w for w in said if w["start_ms"] >= cues[1]["start_ms"]]
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"version": version, "cues": cues, "words": [new, *rest]}


def tell(story: Story) -> None:
    """Run all steps."""
    url, private = story.site.address, "--allow-private"
    out: tuple[str | Path, ...] = ("-o", story.output)
    caption: tuple[str | Path, ...] = ("caption", url, private, "-q", *story.engine, *out)
    again: tuple[str | Path, ...] = (
        "caption",
        url,
        private,
        "-q",
        "--engine",
        "recorded",
        "--model",
        "none.json",
        *out,
    )
    story.step(*caption, asks=True)
    story.save()
    story.step("export", story.sidecar, "--format", "ttml,words")
    story.step(*again)
    story.step(*again, "--format", "vtt,srt,html")
    story.step(*again, "--profile", "bbc", "--model", "large", "--language", "German")
    story.step(*again, "--force", code=2)
    story.step(*again, "--embed", asks=True)
    story.step(*again, "--styled", "--format", "vtt,hls")
    listed = story.folder / "list.txt"
    listed.write_text(url, encoding="utf-8")
    batch: tuple[str | Path, ...] = ("batch", listed, private, "-q", *story.engine, *out)
    story.step(*batch)
    story.step(*batch, "--format", "vtt,ass,ctm")
    story.step(*batch, "--force")
    story.step("export", story.output, "--format", "srt,txt", "-o", story.folder / "exported")
    print("\nThe editor gives the corrections up:")
    story.left = {}
    story.step(*caption, "--force", "--discard-edits", asks=True)
    gone = "Penhallow" not in story.sidecar.read_text(encoding="utf-8")
    story.expect(gone, "--discard-edits: the corrections are still there")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all steps; returns 1 if a check fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--engine", default="recorded", help="recogniser; auto recognises the sample anew"
    )
    parser.add_argument("--keep", type=Path, help="folder in which the results are kept")
    given = parser.parse_args(arguments)
    recorded = ("--engine", "recorded", "--model", str(SAMPLE / "transcript.json"))
    engine = recorded if given.engine == "recorded" else ("--engine", given.engine)
    with site() as served, tempfile.TemporaryDirectory(prefix="aligner-") as aside:
        folder = (given.keep or Path(aside)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        story = Story(served, folder, engine)
        tell(story)
    print(f"\n{len(story.wrong)} things wrong" if story.wrong else "\nNothing was lost.")
    return 1 if story.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
