"""What the steps share between articles: connections, rate limits and the recogniser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aligner import defaults
from aligner._util.concurrency import BackgroundLazy
from aligner.discovery import page_worker, probe
from aligner.discovery.sources.base import ReadFeed
from aligner.errors import EngineUnavailable, WeightsMismatch
from aligner.net import client
from aligner.net.budget import BudgetLimits
from aligner.net.rate_limit import HostThrottle
from aligner.net.third_party import configured
from aligner.pipeline.options import Options
from aligner.pipeline.progress import Progress, note
from aligner.pipeline.source import Fetch, is_address
from aligner.types import MediaLink, PartialContent, Referrer

if TYPE_CHECKING:
    from aligner import asr


MOST_TRIES = 4
"""How many recordings of an article are tried before the failure of the best one is reported."""


def page_limits(timeout_s: float) -> BudgetLimits:
    """Returns the limits of reading an article's page and finding out what it links."""
    return BudgetLimits(requests=150, bytes=200_000_000, seconds=4 * timeout_s)


def trial_limits(timeout_s: float) -> BudgetLimits:
    """Returns the limits of trying an article's recordings, one after the other.

    Downloading one that is sent does not count.
    """
    return BudgetLimits(requests=150, seconds=2 * timeout_s)


class FetchPart(Protocol):
    """Fetches bytes of an address for a page. Raises PageUnavailable."""

    def __call__(
        self, place: str, start: int, length: int, /, *, referrer: Referrer | None = None
    ) -> PartialContent: ...


@dataclass(frozen=True, slots=True)
class Resources:
    """What the steps work with; a run over many articles shares one."""

    fetch: Fetch
    """Fetches a page."""
    read_feed: ReadFeed
    engine: Callable[[], asr.Engine]
    """Returns the recogniser, which the first call loads."""
    prepare_model: Callable[[Progress], None] = lambda _: None
    """Downloads and converts the speech model where that is to be done; can be stopped."""
    throttle: HostThrottle | None = None
    """The rate limit of all requests; None for no limit."""
    preload: Callable[[], None] = lambda: None
    """Starts to load the recogniser in the background."""
    streaming: bool = False
    """Whether recognition starts while the recording is still being decoded."""
    settle: Callable[[], None] = lambda: None
    """Waits for background loading to end."""
    fetch_part: FetchPart | None = None
    """Fetches a part of a recording; None if recordings are not to be probed."""
    timeout_s: float = defaults.TIMEOUT_S
    """Of a request; an article gets a multiple of it (``page_limits``, ``trial_limits``)."""


def for_one_article(options: Options) -> Resources:
    """Returns the resources for captioning a single article."""
    web = client.WebOptions(options.allow_private, net=options.net)
    throttle = client.throttle_for(web)
    fetch = partial(client.fetch, options=web, throttle=throttle)
    return streaming(
        options, fetch, partial(client.fetch_range, options=web, throttle=throttle), throttle
    )


def streaming(
    options: Options, fetch: Fetch, fetch_part: FetchPart, throttle: HostThrottle | None = None
) -> Resources:
    """Returns resources that load the recogniser once, and recognise while decoding."""
    later_stages = BackgroundLazy(_import_later_stages)

    def load() -> asr.Engine:
        loaded = load_engine(options)
        later_stages.begin()  # only now: importing holds the interpreter lock
        return loaded

    engine = BackgroundLazy(load)

    def settle() -> None:
        engine.settle()
        later_stages.settle()

    return Resources(
        fetch, page_worker.feed_reader(fetch), engine, partial(prepare_model, options), throttle,
        engine.begin, streaming=True, settle=settle, fetch_part=with_local_files(fetch_part),
    )  # fmt: skip


def with_local_files(fetch_part: FetchPart) -> FetchPart:
    """Returns a function that reads parts of local files too, not only of addresses."""

    def read_part(
        place: str, start: int, length: int, /, *, referrer: Referrer | None = None
    ) -> PartialContent:
        if is_address(place):
            return fetch_part(place, start, length, referrer=referrer)
        return client.load_range(Path(place), start, length)

    return read_part


def asking_for(link: MediaLink, fetch_part: FetchPart) -> probe.Ask:
    """Returns a function that fetches parts of a recording on behalf of the page that links it."""
    return partial(fetch_part, referrer=link.referrer)


def prepare_model(options: Options, progress: Progress) -> None:
    """Download the speech model and convert it, where either is still to be done.

    A stage of its own, which ``progress`` may stop at any moment. Raises EngineUnavailable,
    BadSource, WeightsMismatch, OutputError, and what ``progress`` raises.
    """
    from aligner import asr
    from aligner.asr import models
    from aligner.pipeline import model_choice

    if str(options.model) == model_choice.AUTO:
        note(progress, f"--model auto: {model_choice.choice(options).why}")
    model, first = model_choice.chosen_model(options), None
    for form in asr.forms(options.engine, model, models.at_hand):
        if models.is_ready(model, form):
            return
        progress.stage("model")
        try:
            with configured(options.net):
                models.resolve(model, form, _ModelWatch(progress))
            return
        except WeightsMismatch:
            raise
        except EngineUnavailable as error:  # another engine may have the model
            first = first or error
    if first:
        raise first


class _ModelWatch:
    """Tells a pipeline's progress how the download and conversion of a model go on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def note(self, text: str) -> None:
        note(self._progress, text)

    def advance(self, done: int, total: int | None) -> None:
        self._progress.advance(done, total)


def load_engine(options: Options) -> asr.Engine:
    """Load the recogniser; its model is downloaded unless it is on this disk.

    Raises EngineUnavailable, BadSource, WeightsMismatch.
    """
    from aligner import asr
    from aligner.asr import models
    from aligner.pipeline import model_choice

    model, at_hand = model_choice.chosen_model(options), models.at_hand
    is_here = at_hand(model, "ctranslate2")
    with nullcontext() if is_here else configured(options.net):
        return asr.load(options.engine, model, models.resolve, options.device, at_hand)


def _import_later_stages() -> None:
    """Import the stages after decoding while ffmpeg works; importing takes 0.2 s."""
    from aligner.pipeline import incremental  # noqa: F401  imports all of them
