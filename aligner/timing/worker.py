"""The process beside: passages from standard input -> the places of their words on standard output.

    python -m aligner.timing.worker

Started by ``crew``, which speaks with it in pickled passages and places. It ends when its input
does, and so with the process that started it, however that ends.
"""

from __future__ import annotations

import os
import pickle
import sys

from aligner.timing.placing import Passage


def main() -> None:
    """Answer passages until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    try:
        while True:
            passage: Passage = pickle.load(sys.stdin.buffer)  # noqa: S301  from who started us
            pickle.dump(passage.places(), answers)
            answers.flush()
    except (EOFError, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
