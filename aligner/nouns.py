"""Every noun of the house: what one stage hands to the next.

All are frozen: a change is a new value (``dataclasses.replace``). Times are integer
milliseconds from the start of the recording as a player shows it. Spans are half-open.
This module imports nothing of aligner; everything else may import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:  # it is slow to import, and not every command has sound
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]
"""One channel of sound as 16-bit PCM, shape (n,); may be a memory-mapped file."""

MediaKind = Literal["video", "audio"]
Relation = Literal["article", "page", "other"]
"""Whose a recording is: the article's own, the page's (header, sidebar), or another story's."""

Role = Literal["title", "summary", "body", "heading", "caption"]
"""What a paragraph is on the page; ``caption`` is a photo's caption, which nobody reads aloud."""

Origin = Literal["verified", "respelled", "spoken", "interpolated", "edited"]
"""Where a caption's word comes from.

verified: the article's word, heard as such. respelled: heard, and written as the publisher
writes it. spoken: heard, not in the article. interpolated: the word is sure, its time is not.
edited: a person changed it afterwards.
"""

Op = Literal["same", "respelled", "changed", "not_spoken", "extra_speech"]
"""What became of a span of words, from the article to the speech."""

DivergenceKind = Literal["not_spoken", "extra_speech", "changed"]

SentenceKind = Literal["spoken", "reworded", "not_spoken"]
"""What became of a sentence: read (nearly) as written, said in other words or in part, or not."""

Status = Literal[
    "captioned", "speech_only", "no_media", "media_unavailable", "no_audio", "no_speech", "error"
]

MediaState = Literal[
    "playable",
    "audio_only",
    "no_audio",
    "live",
    "drm",
    "geo_blocked",
    "login",
    "gone",
    "expired",
    "refused",
    "unreachable",
    "not_media",
    "embed_only",
    "already_captioned",
    "not_yet",
    "needs_script",
    "consent",
    "no_address",
    "none",
]
"""What `aligner check` says of an article's media."""

STATUSES: tuple[Status, ...] = get_args(Status)
MEDIA_STATES: tuple[MediaState, ...] = get_args(MediaState)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of word indices, or of milliseconds."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


# ---------------------------------------------------------------- the page and its article


@dataclass(frozen=True, slots=True)
class Page:
    """What an address or a saved file holds.

    ``html`` is the decoded text; for ``content_type`` "text/plain" it is the page's text as a
    reader sees it. For a direct media address ``html`` is empty and ``content_type`` says
    which kind of media it is.
    """

    url: str | None
    """The address asked for; None for a saved page whose address nobody knows."""
    final_url: str | None
    """The address after redirects, against which relative addresses resolve."""
    html: str
    status: int
    content_type: str = "text/html"
    path: Path | None = None
    """The file of a saved page, beside which its recording may lie."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article, with single spaces and no line breaks."""

    text: str
    role: Role = "body"


@dataclass(frozen=True, slots=True)
class Article:
    """What the publisher wrote, in reading order, without menus, players and related links.

    The title is also the first paragraph (role "title") where there is one.
    """

    url: str | None
    title: str | None
    language: str | None
    """BCP 47 tag as the page declares it, primary subtag in lower case; None if it does not."""
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What the page says of its media, whether or not there is any."""

    duration_ms: int | None = None
    title: str | None = None
    says_no_media: bool = False
    """The page shows a sentence such as "No media source currently available"."""


# ---------------------------------------------------------------- the recording


@dataclass(frozen=True, slots=True)
class Quality:
    """One rendition of a recording."""

    url: str
    label: str | None = None
    """As the page names it: "64 kbps", "720p"."""
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """Captions, subtitles or a transcript that the page already offers for a recording."""

    url: str
    language: str | None = None
    """BCP 47 tag as the page declares it."""
    kind: str = "captions"
    """As HTML names it: captions, subtitles, descriptions; "transcript" for a feed's."""
    label: str | None = None
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class MediaLink:
    """A recording that the page links; all its qualities are one link."""

    url: str
    """The quality to take for captioning: the smallest that has the sound."""
    kind: MediaKind
    found_by: str
    """The way it was found: a name of ``sources.SOURCES``, or "given" for ``--media``."""
    quality: str | None = None
    declared_duration_ms: int | None = None
    title: str | None = None
    relation: Relation = "article"
    qualities: tuple[Quality, ...] = ()
    why: str = ""
    """Why it stands where it stands among the candidates, as a clause for people."""
    tracks: tuple[Track, ...] = ()
    """The captions that the page offers with it."""
    score: int = 0
    """How surely it is this article's; for comparing the candidates of one page only."""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One entry of a feed or of a sitemap: an article, perhaps with its recordings."""

    title: str | None
    url: str | None
    """The article's page."""
    media: tuple[MediaLink, ...] = ()
    text: str = ""
    """What the feed gives of the article, as HTML."""
    published: datetime | None = None
    """When it was published or last changed; with a time zone."""
    listed_in: str | None = None
    """The address or file of the feed or sitemap."""

    @property
    def name(self) -> str:
        """What it is called as a source: its page, else its recording, else its title."""
        return self.url or (self.media[0].url if self.media else "") or self.title or "?"


@dataclass(frozen=True, slots=True)
class Document:
    """A page or a text that is in memory already, as a source."""

    name: str
    """What it is called as a source."""
    page: Page


Source = str | FeedItem | Document
"""An article to look at: an address, a file, what a feed or sitemap says of it, or its page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a list: a source, and what the list says of it."""

    source: Source
    """What stands in the place of one where ``trouble`` says that it is none."""
    in_list: str | None = None
    """The list's address or file; "-" for standard input."""
    line: int | None = None
    """Where the entry begins, from 1; None in JSON documents, feeds and sitemaps."""
    columns: Mapping[str, Any] = field(default_factory=dict)
    """The entry's other columns: text from a table, any value from JSON."""
    trouble: str | None = None
    """Why the entry names no source."""

    @property
    def place(self) -> str:
        """Where the entry stands, for people: "list.csv, line 3"; "" if it is of no list."""
        name = "standard input" if self.in_list == "-" else self.in_list
        return ", ".join(part for part in (name, self.line and f"line {self.line}") if part)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, either end open; both ends belong to it."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, moment: datetime | None) -> bool:
        """Whether a moment lies within; an unknown one only where both ends are open."""
        if moment is None:
            return self.since is None and self.until is None
        late_enough = self.since is None or moment >= self.since
        return late_enough and (self.until is None or moment <= self.until)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A recording on this disk."""

    path: Path
    link: MediaLink
    duration_ms: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Audio:
    """The sound of a recording, one channel, on the recording's own clock.

    Sample 0 is the instant 0 of the player's clock: encoder delay, edit lists and a late
    first packet are already accounted for.
    """

    samples: Samples
    sample_rate: int

    @property
    def duration_ms(self) -> int:
        return round(len(self.samples) * 1000 / self.sample_rate)

    def window(self, start_ms: int, end_ms: int) -> NDArray[np.float32]:
        """The samples from ``start_ms`` up to ``end_ms`` as float32 in [-1, 1)."""
        import numpy

        a, b = (max(0, t) * self.sample_rate // 1000 for t in (start_ms, end_ms))
        return self.samples[a:b].astype(numpy.float32) / 32768.0


@dataclass(frozen=True, slots=True)
class Speech:
    """Where somebody speaks, in order, not overlapping (voice activity)."""

    segments: tuple[Span, ...]
    """In milliseconds."""

    @property
    def total_ms(self) -> int:
        return sum(len(s) for s in self.segments)


@dataclass(frozen=True, slots=True)
class Arrived:
    """As much of a recording's sound as is there, and what is known of it."""

    audio: Audio
    speech: Speech
    """Without what may still go on."""
    windows: tuple[Span, ...]
    """What a recogniser hears one by one, in milliseconds; in order, not overlapping."""
    whole: bool = True
    """Whether this is all of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of what an address holds, as a request for a range of them gave it."""

    url: str
    """The address after redirects."""
    status: int
    content_type: str
    """In lower case, without parameters; "" if the server says none."""
    data: bytes
    """From ``start`` on; for a refusal, the beginning of what it says."""
    start: int = 0
    total: int | None = None
    """Bytes of the whole, where the server says so."""
    in_parts: bool = False
    """Whether the server gives any range that it is asked for."""
    broadcast: bool = False
    """Whether the server is a radio station's, whose answers never end."""


# ---------------------------------------------------------------- the recogniser's weights

WeightsForm = Literal["ctranslate2", "openai"]
"""ctranslate2: a folder with model.bin, config.json, tokenizer.json and a vocabulary.
openai: one checkpoint file (.pt) of openai-whisper."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A speech model on this disk, in the form that a recogniser reads."""

    name: str
    """The model's name, or that of its folder or file if the user gave a path."""
    path: Path
    form: WeightsForm
    halves: Callable[[bool], Path] | None = None
    """Makes, once or if told so anew, a folder with the same in 8 bits: ``encoder.onnx``, and the
    decoder alone in CTranslate2's form. Raises EngineUnavailable for weights of which it cannot be
    made, and CannotWrite."""
    published: bool = False
    """Whether ``path`` is openai-whisper's own copy of a model that it publishes: it fetches the
    file if it is not there, and compares it with the published sum."""


# ---------------------------------------------------------------- what was said


@dataclass(frozen=True, slots=True)
class DraftWord:
    """A word that is probably said, as a recogniser would write it."""

    text: str
    guarded: bool = False
    """A number or a negation, which must never be taken for granted."""
    name: bool = False
    """A name, as far as capitals tell: recognisers do not know them."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A word that is perhaps said, where it fits a sound best."""

    start_ms: int
    """From the sound's start."""
    nats: float
    """Log likelihood to a frame of 10 ms; see ``timing.wording``."""


Witness = Callable[[Audio, Span, Sequence[str]], Sequence[Fitted | None]]
"""A recording, a part of it in milliseconds, words -> where each fits best there, if they do."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the recogniser heard it, with the punctuation that it gave."""

    text: str
    start_ms: int
    end_ms: int
    score: float
    """The recogniser's own probability, 0 to 1."""
    space_before: bool = True
    """False where the script writes no space between words, or within a hyphenated one."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which recogniser made a transcript, for the record."""

    name: str
    model: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that was heard, in order of time."""

    language: str
    words: tuple[Word, ...]
    engine: EngineInfo


# ---------------------------------------------------------------- said against written


@dataclass(frozen=True, slots=True)
class Match:
    """One step from the article's words to the spoken ones; either span may be None."""

    op: Op
    article: Span | None
    """Indices into the article's words, all paragraphs in order."""
    spoken: Span | None
    """Indices into ``Transcript.words``."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of each side was found in the other, 0 to 1."""

    speech_in_article: float
    article_in_speech: float


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """A word as it will be shown."""

    text: str
    start_ms: int
    end_ms: int
    origin: Origin
    score: float
    article_word: int | None = None
    """Its index among the article's words; None if it is not from the article."""
    space_before: bool = True
    speaker: str | None = None
    """Who says it, where that is known; any text that tells the speakers apart."""
    said: tuple[str, ...] = ()
    """What was spoken for it, word by word, folded: twenty, fifteen for "2015". Empty where that
    is not known, and for what has no words."""
    heard: str | None = None
    """What the recogniser heard in the place of a respelled word, and of those after it whose
    ``heard`` is empty; None where the word stands as it was heard."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A place where speech and article part."""

    kind: DivergenceKind
    article: Span | None
    start_ms: int | None
    """When it is said; None for what is not spoken."""
    end_ms: int | None
    text: str
    """The words: the article's for ``not_spoken``, the speaker's otherwise."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What became of one sentence of the article."""

    article: Span
    """Its words, as indices into the article's words, all paragraphs in order."""
    kind: SentenceKind
    share: float
    """Of its words that have a sound, how many were heard as written, 0 to 1."""
    start_ms: int | None
    """When it is said, in its fullest reading; None for what is not spoken."""
    end_ms: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of speech that is in the article throughout, or nowhere in it."""

    spoken: Span
    """Indices into ``Transcript.words``."""
    in_article: bool
    start_ms: int
    end_ms: int
    text: str
    """As heard."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """What was spoken of the article, in which words, and what was not."""

    matches: tuple[Match, ...]
    """In order of the speech; ``not_spoken`` stands where the article has it."""
    coverage: Coverage
    words: tuple[CaptionWord, ...] = ()
    """Every spoken word once, in order of time, in the spelling to show."""
    divergence: tuple[Divergence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    """The article's sentences in order; none of photo captions, which nobody reads aloud."""
    stretches: tuple[Stretch, ...] = ()
    """All of the speech, in order; no two neighbours are alike in ``in_article``."""


# ---------------------------------------------------------------- captions


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from ``start_ms`` up to ``end_ms``."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    origin: Origin
    """The least sure of its words' origins: spoken > interpolated > respelled > verified."""


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of one recording."""

    language: str
    cues: tuple[Cue, ...]
    words: tuple[CaptionWord, ...]


# ---------------------------------------------------------------- what became of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source. Every source ends in exactly one of these."""

    status: Status
    reason: str
    """One sentence for people."""
    source: str
    """As given on the command line."""
    url: str | None = None
    article: Article | None = None
    declared: Declared = field(default_factory=Declared)
    media: MediaLink | None = None
    duration_ms: int | None = None
    """Of the recording, measured."""
    sha256: str | None = None
    """Of the recording's file."""
    file: Path | None = None
    """The recording on this disk, if it is kept after captioning."""
    engine: EngineInfo | None = None
    alignment: Alignment | None = None
    captions: Captions | None = None
    not_understood: tuple[Span, ...] = ()
    """Stretches of speech, in milliseconds, that no word of the captions accounts for."""
    state: MediaState | None = None
    """Of the article's media, as `aligner check` says it; None where it is not known."""
    http_status: int | None = None
    """Of the answer that decided: the recording's where that was refused, else the page's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What `aligner check` says of one source."""

    source: str
    url: str | None
    title: str | None
    language: str | None
    state: MediaState
    reason: str
    declared: Declared
    media: MediaLink | None = None
    candidates: tuple[MediaLink, ...] = ()
    probed: Probed | None = None
    answered: bool = True
    """Whether the page could be read at all."""
    listed_in: str | None = None
    """The feed or sitemap that named the source."""
    http_status: int | None = None
    """Of the answer that decided: the recording's where that was refused, else the page's."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What trying a media address showed."""

    duration_ms: int | None = None
    bytes: int | None = None
    bitrate: int | None = None
    """Bits a second."""
    has_audio: bool = False
    has_video: bool = False
    container: str | None = None
    fps: float | None = None
    """Pictures a second, where they were looked for."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of trying a media address."""

    state: MediaState
    reason: str
    """A clause for people."""
    probed: Probed | None = None
    http_status: int | None = None
    """Of the answer that refused it."""


Json = dict[str, Any]
"""A JSON object on its way in or out."""
