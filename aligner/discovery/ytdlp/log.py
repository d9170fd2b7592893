"""The logger that is given to yt-dlp."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class ErrorLog:
    """Keeps the errors, and prints nothing."""

    errors: list[str] = field(default_factory=list)

    def debug(self, _text: str) -> None: ...

    def info(self, _text: str) -> None: ...

    def warning(self, _text: str) -> None: ...

    def error(self, text: str) -> None:
        self.errors.append(text)
