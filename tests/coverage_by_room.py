"""Print the branch coverage of each room of aligner, from the .coverage file that pytest left."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

COUNTS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def rooms(report: dict[str, dict[str, dict[str, dict[str, int]]]]) -> dict[str, dict[str, int]]:
    """Add up coverage's JSON report by room: the first folder, or the file, below ``aligner/``."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for name, file in report["files"].items():
        below = Path(name).parts[1:]
        for count in COUNTS:
            sums[below[0]][count] += file["summary"][count]
    return dict(sums)


def main() -> None:
    """Print a row a room, the least covered first."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        subprocess.run(
            [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(path)], check=True
        )
        found = rooms(json.loads(path.read_text("utf-8")))
    rows = []
    for room, n in found.items():
        total = n["num_statements"] + n["num_branches"]
        share = (n["covered_lines"] + n["covered_branches"]) / total if total else 1.0
        missed = n["num_branches"] - n["covered_branches"]
        rows.append((share, f"{room:24} {n['num_statements']:6} {missed:9} {share:9.1%}"))
    print(f"{'room':24} {'lines':>6} {'branches':>9} {'coverage':>9}\n{'':24} {'':6} {'missed':>9}")
    print("\n".join(row for _, row in sorted(rows)))


if __name__ == "__main__":
    main()
