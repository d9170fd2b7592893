"""What was heard so far -> cues, while the rest is being heard.

The cues that count are made at the end, from all that was heard: matching may yet find that a
passage stands elsewhere in the article, and a cue's neighbours decide where it is cut. So a cue is
told only when speech has gone on for a while after it, and nothing is told as long as it is
uncertain whether the speech is this article's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.alignment import acoustic
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.captions.profiles import Profile
from aligner.pipeline import align_step
from aligner.pipeline.align_step import Recording
from aligner.types import Article, AudioSoFar, Cue, MediaFile, Transcript

LOOKAHEAD_MS = 12_000
"""A cue is told when so much was heard after it: two or three sentences."""
STEP_MS = 15_000
"""New speech that is worth another look."""
AROUND_MS = 15_000
"""Words told before are timed with those after them: which sound is whose shows in both."""
CERTAIN_MS = 60_000
"""Heard so much, speech that is not the article's is told as such."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before anything was heard."""

    article: Article
    media: MediaFile
    profile: Profile


class IncrementalCaptioner:
    """Tells cues as soon as they are expected to stay."""

    def __init__(
        self,
        known: Context,
        again: Callable[[Transcript, AudioSoFar], RescoreFn | None],
        tell: Callable[[Cue], None],
    ) -> None:
        self.known, self.again, self.tell = known, again, tell
        self._told = self._seen = 0
        """Milliseconds up to which cues were told, and up to which speech was looked at."""

    def heard(self, transcript: Transcript, arrived: AudioSoFar) -> None:
        """Tell what may be told of what was heard so far, all from the start, and in what."""
        until = transcript.words[-1].end_ms if transcript.words else 0
        if until - self._seen < STEP_MS:
            return
        self._seen = until
        for cue in self._cues(transcript, arrived, until):
            if cue.end_ms > until - LOOKAHEAD_MS:
                break
            self._told = cue.end_ms
            self.tell(cue)

    def _cues(self, transcript: Transcript, arrived: AudioSoFar, until: int) -> Sequence[Cue]:
        """The cues of what was not told yet."""
        known = self.known
        gain = self.again(transcript, arrived)
        alignment, status, _ = align_step.align_and_classify(known.article, transcript, gain)
        if status == "speech_only" and until < CERTAIN_MS:
            return ()
        near = tuple(w for w in alignment.words if w.end_ms > self._told - AROUND_MS)
        timed = acoustic.refine(arrived.audio, near, arrived.speech, transcript.language)
        words = tuple(w for w in timed if w.start_ms + w.end_ms > 2 * self._told)
        recording = Recording(known.media, arrived.audio, arrived.speech, transcript.language)
        return align_step.make_captions(words, known.article, recording, known.profile, False).cues
