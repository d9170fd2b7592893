"""An engine that returns the transcript in a JSON file, whatever the sound: for tests and replays.

    {"language": "en",
     "engine": {"name": "ctranslate2", "model": "base", "version": "4.8.0"},
     "words": [{"text": "Next,", "start_ms": 620, "end_ms": 980, "score": 0.97}, ...]}

``engine`` is optional; a word may have ``"space_before": false``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from aligner._util import strict_json
from aligner.asr.base import Device, EngineSpec, ListenOptions
from aligner.errors import BadSource
from aligner.types import AudioSoFar, EngineInfo, ModelFiles, Transcript, Word


@dataclass(frozen=True, slots=True)
class Recorded:
    """Returns a recorded transcript."""

    transcript: Transcript

    @property
    def info(self) -> EngineInfo:
        return self.transcript.engine

    def knows(self, language: str) -> bool:  # noqa: ARG002
        """Returns True: the words are known already."""
        return True

    def transcribe(
        self,
        arrivals: Iterable[AudioSoFar],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """Returns the recorded words, whatever the sound."""
        done = 0
        for arrived in arrivals:
            if options.on_partial:
                for window in arrived.windows[done:]:
                    words = tuple(w for w in self.transcript.words if w.end_ms <= window.end)
                    options.on_partial(replace(self.transcript, words=words), arrived)
            done = len(arrived.windows)
            progress(arrived.audio.duration_ms, arrived.audio.duration_ms)
        return self.transcript

    def language_probabilities(self, arrived: AudioSoFar) -> None:  # noqa: ARG002
        """Returns None: a recorded transcript says nothing of another channel."""
        return

    def rescorer(self, arrived: AudioSoFar, transcript: Transcript) -> None:  # noqa: ARG002
        """Returns None: a recorded transcript cannot be rescored."""
        return


def read(path: Path) -> Transcript:
    """Reads a transcript. Raises BadSource if the file is not in the form above."""
    try:
        data = strict_json.read(path.read_bytes())
        words = tuple(Word(**word) for word in data["words"])
        engine = EngineInfo(**data.get("engine", {"name": "recorded", "model": path.stem}))
        return Transcript(str(data["language"]), words, engine)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadSource(str(path), f"no recorded transcript: {error!r}") from error


def as_text(transcript: Transcript) -> str:
    """Returns the text of a file that ``read`` reads as this transcript."""
    return json.dumps(asdict(transcript), ensure_ascii=False, indent=1) + "\n"


def load(weights: ModelFiles, _device: Device = "auto") -> Recorded:
    """Loads the transcript at a path as an engine."""
    return Recorded(read(weights.path))


SPEC = EngineSpec(None, None, load)
