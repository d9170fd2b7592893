"""The types that one stage hands to the next. All are frozen: a change is a new value.

Times are integer milliseconds on the recording clock, as a player shows it; spans are half-open.
This package imports nothing else of aligner, and everything else may import it.
"""

from typing import TYPE_CHECKING

from aligner.types.alignment import (
    Alignment,
    AlignmentOp,
    CaptionWord,
    Coverage,
    Divergence,
    DivergenceKind,
    Match,
    Origin,
    Sentence,
    SentenceKind,
    SpeechRegion,
)
from aligner.types.audio import Audio, AudioSoFar, Channel, SpeechSegments
from aligner.types.captions import Captions, Cue
from aligner.types.glossary import GlossaryTerm
from aligner.types.media import (
    DateRange,
    FeedItem,
    Listed,
    MediaFile,
    MediaKind,
    MediaLink,
    Relation,
    Rendition,
    Source,
    Track,
)
from aligner.types.models import ModelFiles, ModelForm
from aligner.types.page import (
    NOT_READ_ALOUD,
    Article,
    Document,
    Page,
    Paragraph,
    PlayerMetadata,
    Referrer,
    Role,
)
from aligner.types.probe import MEDIA_STATES, MediaInfo, MediaState, PartialContent, ProbeResult
from aligner.types.result import (
    STATUSES,
    CaptionResult,
    CheckResult,
    Json,
    PronunciationSource,
    Status,
    TimingInfo,
)
from aligner.types.speech import (
    DraftWord,
    EncodedSpeech,
    EngineInfo,
    FindSentences,
    SpottedWord,
    Transcript,
    Word,
    WordSpotter,
)
from aligner.types.time import Span
from aligner.types.voices import NameSuggestion, Voice, VoiceLimits

if TYPE_CHECKING:
    from aligner.types.audio import Samples  # noqa: F401  not there at run time

__all__ = [
    "MEDIA_STATES",
    "NOT_READ_ALOUD",
    "STATUSES",
    "Alignment",
    "AlignmentOp",
    "Article",
    "Audio",
    "AudioSoFar",
    "CaptionResult",
    "CaptionWord",
    "Captions",
    "Channel",
    "CheckResult",
    "Coverage",
    "Cue",
    "DateRange",
    "Divergence",
    "DivergenceKind",
    "Document",
    "DraftWord",
    "EncodedSpeech",
    "EngineInfo",
    "FeedItem",
    "FindSentences",
    "GlossaryTerm",
    "Json",
    "Listed",
    "Match",
    "MediaFile",
    "MediaInfo",
    "MediaKind",
    "MediaLink",
    "MediaState",
    "ModelFiles",
    "ModelForm",
    "NameSuggestion",
    "Origin",
    "Page",
    "Paragraph",
    "PartialContent",
    "PlayerMetadata",
    "ProbeResult",
    "PronunciationSource",
    "Referrer",
    "Relation",
    "Rendition",
    "Role",
    "Sentence",
    "SentenceKind",
    "Source",
    "Span",
    "SpeechRegion",
    "SpeechSegments",
    "SpottedWord",
    "Status",
    "TimingInfo",
    "Track",
    "Transcript",
    "Voice",
    "VoiceLimits",
    "Word",
    "WordSpotter",
]
