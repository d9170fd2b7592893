"""Outcome -> files, whole or absent; and what an earlier run or a person has left.

files.py     one file or folder: written aside, then renamed
names.py     sources -> names of their files
journal.py   a change of several files that is made whole or not at all
results.py   a result: its sidecar, and the files that are rendered from it
"""

from __future__ import annotations

from aligner.store.files import WHY, prepare, write_whole
from aligner.store.journal import Change, commit, finish, finish_here, sweep, writing
from aligner.store.names import (
    HASH_DIGITS,
    MAX_NAME,
    MAX_NAME_BYTES,
    is_name,
    is_of_another,
    output_name,
)
from aligner.store.results import (
    BEFORE,
    FIRST,
    Finished,
    Kept,
    change_of,
    completed,
    completion,
    expect_replaceable,
    files_of,
    finished,
    is_sidecar,
    kept,
    kept_of,
    missing,
    places,
    replacement,
    rewritten,
    write_outcome,
)

__all__ = [
    "BEFORE",
    "FIRST",
    "HASH_DIGITS",
    "MAX_NAME",
    "MAX_NAME_BYTES",
    "WHY",
    "Change",
    "Finished",
    "Kept",
    "change_of",
    "commit",
    "completed",
    "completion",
    "expect_replaceable",
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
    "replacement",
    "rewritten",
    "sweep",
    "write_outcome",
    "write_whole",
    "writing",
]
