"""Batches: many sources, each with one result, in runs that can be resumed.

    with Batch(options, BatchOptions(folder)) as batch:
        batch.enter(sources)
        for done in batch.results():
            ...

The ledger in the results' folder holds the state of every item, so that a run that was killed at
any moment goes on: finished items stay, and the others resume after their last finished step.

batch.py             one run over the items of a folder
options.py           its options
intake.py            enters sources into the ledger, and selects what is to be done
selection.py         which items are selected, as SQL conditions
ledger.py            the SQLite file, and the leases of runs that share it; schema.py has the tables
job_store.py         claims, saves and lists the items of a ledger; rows.py has their records
runner.py            what each pool does to a job; model.py has the job between pools
steps.py             the pools, and the boundary around each pipeline step
resources.py         connections and the recogniser that all jobs share
staged_executor.py   the pools' threads and queues
ray_executor.py      the workers of a Ray cluster
checkpoint.py        encodes the state of an unfinished job
disk_quota.py        limits the disk space of unfinished recordings
writer.py            writes the files of a finished job
existing_results.py  whether captions that exist stay
extra_outputs.py     captioned videos, the review page, the kept recording
storage.py           where results are; fsspec_storage.py for shared folders and object stores
report.py            report.jsonl and report.html; report_row.py makes a line of them
"""

from __future__ import annotations

from aligner.jobs.batch import Batch, Snapshot, dry_run
from aligner.jobs.model import Done
from aligner.jobs.options import FAILED, BatchOptions

__all__ = ["FAILED", "Batch", "BatchOptions", "Done", "Snapshot", "dry_run"]
