"""A site of many articles for the tests of batches, on loopback, and a recogniser for them.

The recording is the beginning of the sample's, so that an article takes a second.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from server import Reply, Server

from aligner.audio.ffmpeg import ffmpeg_path
from aligner.pipeline.options import Options

SAMPLE = Path(__file__).parent.parent / "samples" / "russia-and-assad"
LENGTH_S = 25
PAGE = (SAMPLE / "index.html").read_bytes().replace(b"0:01:46", b"0:00:%d" % LENGTH_S)


@cache
def recording() -> bytes:
    """The beginning of the sample's recording."""
    cut = ("-t", str(LENGTH_S), "-c", "copy", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov")
    given = ("-loglevel", "error", "-i", str(SAMPLE / "russia-and-assad.mp4"))
    made = subprocess.run(
        [str(ffmpeg_path()), *given, *cut, "pipe:1"], capture_output=True, check=True
    )
    return made.stdout


def options(folder: Path) -> Options:
    """A recogniser that hears what is said in it; ``folder`` is for its file."""
    transcript = json.loads((SAMPLE / "transcript.json").read_text("utf-8"))
    words = [word for word in transcript["words"] if word["end_ms"] < LENGTH_S * 1000]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "transcript.json"
    path.write_text(json.dumps(transcript | {"words": words}), "utf-8")
    return Options(engine="recorded", model=str(path), allow_private=True, speakers="off")


@contextmanager
def site(articles: int = 3) -> Iterator[Server]:
    """/n0/ and on are captioned, /none/ links nothing, /gone/ links what is gone."""
    routes = {"/none/": Reply((SAMPLE / "no-media.html").read_bytes()), "/gone/": Reply(PAGE)}
    for number in range(articles):
        routes[f"/n{number}/"] = Reply(PAGE)
        routes[f"/n{number}/russia-and-assad.mp4"] = Reply(recording(), "video/mp4")
    with Server(routes) as server:
        yield server
