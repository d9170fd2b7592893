"""Cues of the transcript so far, while recognition goes on (``--follow``).

The final cues are made at the end, from the whole transcript: matching may yet find that a passage
stands elsewhere in the article, and a cue's neighbours decide where it is cut. So a cue is given
only when speech has gone on for a while after it, and none is given as long as it is uncertain
whether the speech is this article's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aligner.alignment import acoustic
from aligner.alignment.matching.substitution_policy import RescoreFn
from aligner.captions.profiles import Profile
from aligner.pipeline import align_step
from aligner.pipeline.align_step import SpokenRecording
from aligner.types import Article, AudioSoFar, Cue, MediaFile, Transcript

LOOKAHEAD_MS = 12_000
"""A cue is given when so much speech was recognised after it: two or three sentences."""
STEP_MS = 15_000
"""How much new speech makes another alignment worth its cost."""
CONTEXT_MS = 15_000
"""How much of the words given before is timed again with the new ones, for a common boundary."""
CERTAIN_MS = 60_000
"""After so much speech, cues are given even if the speech is not the article's."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before recognition begins."""

    article: Article
    media: MediaFile
    profile: Profile


class IncrementalCaptioner:
    """Gives cues to a callback as soon as they are expected to stay."""

    def __init__(
        self,
        context: Context,
        rescorer: Callable[[Transcript, AudioSoFar], RescoreFn | None],
        callback: Callable[[Cue], None],
    ) -> None:
        """``rescorer`` returns the function that scores other words for a transcript's audio."""
        self.context, self.rescorer, self.callback = context, rescorer, callback
        self._given_ms = self._aligned_ms = 0
        """The ends of the last cue given, and of the speech that was aligned last."""

    def update(self, transcript: Transcript, so_far: AudioSoFar) -> None:
        """Give the cues that are sure enough, of the transcript and audio from the start on."""
        until = transcript.words[-1].end_ms if transcript.words else 0
        if until - self._aligned_ms < STEP_MS:
            return
        self._aligned_ms = until
        for cue in self._new_cues(transcript, so_far, until):
            if cue.end_ms > until - LOOKAHEAD_MS:
                break
            self._given_ms = cue.end_ms
            self.callback(cue)

    def _new_cues(self, transcript: Transcript, so_far: AudioSoFar, until: int) -> Sequence[Cue]:
        """Returns the cues after the last one given."""
        known = self.context
        rescore = self.rescorer(transcript, so_far)
        alignment, status, _ = align_step.align_and_classify(known.article, transcript, rescore)
        if status == "speech_only" and until < CERTAIN_MS:
            return ()
        near = tuple(w for w in alignment.words if w.end_ms > self._given_ms - CONTEXT_MS)
        timed = acoustic.refine(so_far.audio, near, so_far.speech, transcript.language)
        words = tuple(w for w in timed if w.start_ms + w.end_ms > 2 * self._given_ms)
        recording = SpokenRecording(known.media, so_far.audio, so_far.speech, transcript.language)
        return align_step.make_captions(words, known.article, recording, known.profile, False).cues
