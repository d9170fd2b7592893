"""The options of captioning one article, and the web options for runs over many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aligner import defaults
from aligner._util.cache_folder import cache_dir
from aligner.captions.profiles import PROFILES, Profile
from aligner.net import client
from aligner.net.options import DEFAULTS as NET
from aligner.net.options import NetworkOptions
from aligner.types import Cue, GlossaryTerm, VoiceLimits

if TYPE_CHECKING:
    from aligner.alignment.acoustic import TimingPrecision
    from aligner.asr import Device

Speakers = Literal["auto", "off", "turns", "names"]


@dataclass(frozen=True, slots=True)
class Options:
    """How each source of a run is captioned."""

    url: str | None = None
    """The original address of a saved page; relative links resolve against it."""
    media: str | Path | None = None
    """The recording to caption, a file or an address, instead of one that the page links."""
    language: str | None = None
    """The language spoken, as a BCP 47 tag; None to detect it."""
    engine: str = defaults.ENGINE
    """The speech recogniser, a name of ``asr.ENGINES``; "auto" takes the fastest installed."""
    model: str | Path = defaults.MODEL
    """A speech model's name, the path of its folder or file, its id on the Hugging Face hub, or
    "auto" for the most accurate one on this disk that is quick enough (``model_choice``)."""
    device: Device = defaults.DEVICE
    """What the recogniser computes on: "cpu", "cuda", or "auto" for a GPU where one is usable."""
    profile: Profile = PROFILES[defaults.PROFILE]
    """The captioning standard: line lengths, reading speed, cue durations."""
    follow: Callable[[Cue], None] | None = None
    """Called with each cue as soon as it is expected to stay, during recognition."""
    timing: TimingPrecision = defaults.TIMING
    """How precisely words are timed: "fast", "usual" or "fine"."""
    draft: bool = True
    """Whether the recogniser uses the article as a draft (speculative decoding)."""
    sounds: bool = False
    """Whether music and silence are labelled where nobody speaks."""
    speakers: Speakers = defaults.SPEAKERS
    """Whether voices are told apart: "off", "turns" to show where another one begins, or "names" to
    name those too that are certain by the article or by what is said. "auto" is "names" where the
    speaker model is on this disk, or ``voices`` is given, and otherwise "off"."""
    voices: VoiceLimits | None = None
    """How many voices there are, if that is known; with ``speakers``."""
    glossary: tuple[GlossaryTerm, ...] = ()
    """Names and terms that may be said outside the article (``pipeline.glossary``)."""
    allow_private: bool = False
    """Whether loopback and private network addresses may be requested."""
    net: NetworkOptions = NET
    """Proxy, cookies, headers and retries of every request."""
    workplace: Path | None = None
    """A folder in which the recording is left; None for a temporary one."""


def polite_web_options() -> client.WebOptions:
    """Returns the web options for many sources: robots.txt is obeyed, pages are cached."""
    return client.WebOptions(robots=True, cache=page_cache())


def page_cache() -> Path:
    """Returns the folder of cached pages: $ALIGNER_CACHE/pages, or one in the user's cache."""
    return cache_dir() / "pages"
