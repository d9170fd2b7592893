"""Outcome -> files, whole or absent; and what an earlier run or a person has left.

names.py      sources -> names of their files
journal.py    a change of several files that is made whole or not at all
kept.py       the text of a sidecar -> the result that is there
rendering.py  a sidecar -> the files that are rendered from it
ownership.py  whose files are there: ours, the source itself, or somebody's own
results.py    a result in a folder: made, completed, exported
"""

from __future__ import annotations

from aligner._util.atomic_write import REASONS, atomic_write, prepare
from aligner.captions.store.journal import Change, commit, finish, finish_here, sweep, writing
from aligner.captions.store.kept import (
    Kept,
    OtherKind,
    expect_replaceable,
    is_sidecar,
    kept_of,
    read,
)
from aligner.captions.store.names import (
    HASH_DIGITS,
    MAX_NAME,
    MAX_NAME_BYTES,
    is_name,
    is_of_another,
    output_name,
)
from aligner.captions.store.ownership import BEFORE, FIRST
from aligner.captions.store.rendering import change_of, completion
from aligner.captions.store.results import (
    Exported,
    Finished,
    Wish,
    completed,
    export,
    files_of,
    finished,
    kept,
    missing,
    places,
    replacement,
    write_outcome,
)

__all__ = [
    "BEFORE",
    "FIRST",
    "HASH_DIGITS",
    "MAX_NAME",
    "MAX_NAME_BYTES",
    "REASONS",
    "Change",
    "Exported",
    "Finished",
    "Kept",
    "OtherKind",
    "Wish",
    "atomic_write",
    "change_of",
    "commit",
    "completed",
    "completion",
    "expect_replaceable",
    "export",
    "files_of",
    "finish",
    "finish_here",
    "finished",
    "is_name",
    "is_of_another",
    "is_sidecar",
    "kept",
    "kept_of",
    "missing",
    "output_name",
    "places",
    "prepare",
    "read",
    "replacement",
    "sweep",
    "write_outcome",
    "writing",
]
