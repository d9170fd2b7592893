"""The log file of --log: JSON lines with the result of each article, and warnings.

Passwords and tokens are removed. A file that is renamed or removed meanwhile (logrotate) is opened
again. Each line is written in one piece, so that several runs may share a file.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

import click

from aligner._util.distribution import VERSION
from aligner._util.inert_text import json_text
from aligner.cli.console import redact_secrets
from aligner.errors import OutputError

SCHEMA = "aligner-log/1"


class RunLog:
    """Writes events to the log file, if there is one."""

    def __init__(self, handler: logging.Handler | None = None) -> None:
        self._handler = handler

    def event(self, name: str, **fields: Any) -> None:
        """Write an event with its fields."""
        if self._handler is None:
            return
        record = logging.LogRecord("aligner", logging.INFO, "", 0, "", None, None)
        record.event, record.fields = name, fields
        self._handler.handle(record)


@contextmanager
def opened(path: Path | None, command: str) -> Iterator[RunLog]:
    """Open a run's log; its first line is the event "begin", its last one "end".

    Raises OutputError if the file cannot be opened.
    """
    if path is None:
        yield RunLog()
        return
    handler = _handler(path)
    log, began, end = RunLog(handler), time.monotonic(), "done"
    logging.getLogger().addHandler(handler)
    logger = logging.getLogger("aligner")
    level = logger.level
    logger.setLevel(min(level or logging.INFO, logging.INFO))
    log.event("begin", schema=SCHEMA, command=command, version=VERSION)
    try:
        yield log
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt | click.Abort)
        end = "interrupted" if interrupted else f"{type(error).__name__}: {error}"
        raise
    finally:
        log.event("end", command=command, how=end, seconds=round(time.monotonic() - began, 3))
        logging.getLogger().removeHandler(handler)
        logger.setLevel(level)
        with contextlib.suppress(OSError):  # a write error was reported already
            handler.close()


def _handler(path: Path) -> logging.Handler:
    try:
        handler = _Appending(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error
    handler.setFormatter(_JsonFormatter())
    return handler


class _Appending(WatchedFileHandler):
    """Appends lines; a write error is reported once, and the run goes on."""

    _told = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # it was renamed, and cannot be opened again
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  logging's name
        if not self._told:
            self._told = True
            why = redact_secrets(str(sys.exc_info()[1]))
            click.echo(f"aligner: {self.baseFilename}: the log is incomplete: {why}", err=True)


class _JsonFormatter(logging.Formatter):
    """Formats log records as JSON objects."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        made: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "run": record.process,
        }
        if event := getattr(record, "event", None):
            made |= {"event": event} | getattr(record, "fields", {})
        else:
            made |= {"event": "message", "logger": record.name, "message": record.getMessage()}
        return json_text(_discreet(made), default=str)


def _discreet(value: Any) -> Any:
    """Returns a value with secrets and control characters removed from its texts."""
    if isinstance(value, str):
        return redact_secrets(value)
    if isinstance(value, dict):
        return {key: _discreet(inner) for key, inner in value.items()}
    return [_discreet(inner) for inner in value] if isinstance(value, list | tuple) else value
