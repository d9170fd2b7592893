"""The files of results: written whole or not at all, and kept from being overwritten.

names.py      names the files of each source
journal.py    changes several files together or not at all
stored.py     reads the result in a sidecar
rendering.py  renders the files of a result from its sidecar
ownership.py  tells our files from the source and from files of others
results.py    writes, completes and exports a result in a folder
"""

from __future__ import annotations

from aligner._util.atomic_write import REASONS, atomic_write, prepare
from aligner.captions.store.journal import (
    Change,
    commit,
    finish,
    finish_here,
    is_interrupted,
    sweep,
    version_of,
    writing,
)
from aligner.captions.store.names import (
    BEFORE,
    FIRST,
    HASH_DIGITS,
    MAX_NAME,
    MAX_NAME_BYTES,
    Sidecars,
    expect_own,
    free_copy,
    free_name,
    is_anothers,
    is_name,
    is_of_another,
    name_key,
    output_name,
    sidecars_among,
)
from aligner.captions.store.ownership import is_made_so
from aligner.captions.store.rendering import change_of, completion
from aligner.captions.store.results import (
    ExportOptions,
    ExportResult,
    Finished,
    completed,
    export,
    files_of,
    finished_result,
    missing,
    places,
    read_result,
    replacement,
    write_outcome,
)
from aligner.captions.store.stored import (
    OtherKind,
    StoredResult,
    expect_replaceable,
    is_sidecar,
    parse_result,
    read,
)

__all__ = [
    "BEFORE",
    "FIRST",
    "HASH_DIGITS",
    "MAX_NAME",
    "MAX_NAME_BYTES",
    "REASONS",
    "Change",
    "ExportOptions",
    "ExportResult",
    "Finished",
    "OtherKind",
    "Sidecars",
    "StoredResult",
    "atomic_write",
    "change_of",
    "commit",
    "completed",
    "completion",
    "expect_own",
    "expect_replaceable",
    "export",
    "files_of",
    "finish",
    "finish_here",
    "finished_result",
    "free_copy",
    "free_name",
    "is_anothers",
    "is_interrupted",
    "is_made_so",
    "is_name",
    "is_of_another",
    "is_sidecar",
    "missing",
    "name_key",
    "output_name",
    "parse_result",
    "places",
    "prepare",
    "read",
    "read_result",
    "replacement",
    "sidecars_among",
    "sweep",
    "version_of",
    "write_outcome",
    "writing",
]
