"""Measures how long `aligner lint` takes to check and to fix files with many cues, by format.

TTML is only checked. The cues have two lines with a tag and a character reference, one cue every
two seconds. Seconds are CPU time, which other work on the machine hardly changes.

    python benchmarks/lint_speed.py --cues 20000 200000
"""

from __future__ import annotations

import argparse
import time

from aligner.captions import lint
from aligner.captions.formats.base import clock
from aligner.captions.profiles import PROFILES

CUE = {
    "vtt": "{n}\n{start} --> {end}\nOne <i>&amp; two</i> words\nand a second line here.\n\n",
    "srt": "{n}\n{start} --> {end}\nOne <i>& two</i> words\nand a second line here.\n\n",
    "ttml": '<p begin="{start}" end="{end}">One <span>&amp; two</span> words<br/>'
    "and a second line here.</p>\n",
}
FRAME = {
    "vtt": ("WEBVTT\n\n", ""),
    "srt": ("", ""),
    "ttml": (
        '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div>\n',
        "</div></body></tt>\n",
    ),
}


def file(kind: str, count: int) -> bytes:
    """Returns a caption file with a number of cues."""
    mark = "," if kind == "srt" else "."
    cues = (
        CUE[kind].format(n=k + 1, start=clock(k * 2000, mark), end=clock(k * 2000 + 1800, mark))
        for k in range(count)
    )
    before, after = FRAME[kind]
    return (before + "".join(cues) + after).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cues", type=int, nargs="+", default=[20_000, 200_000])
    print("format     cues    MiB  check s   fix s")
    for count in parser.parse_args().cues:
        for kind in CUE:
            data = file(kind, count)
            began = time.process_time()
            report = lint.inspect(data, f"a.{kind}", PROFILES["netflix"])
            checked = time.process_time()
            if kind != "ttml":
                lint.fix(data, f"a.{kind}", PROFILES["netflix"])
            fixed = time.process_time()
            assert report.cues == count  # noqa: S101
            size = len(data) / 2**20
            print(
                f"{kind:6} {count:8} {size:6.1f} {checked - began:8.2f} {fixed - checked:7.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
