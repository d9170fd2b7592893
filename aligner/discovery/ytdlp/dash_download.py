"""Downloads DASH streams with yt-dlp's downloader, period by period.

yt-dlp joins the periods' representations only where they are alike, and leaves out the others.
Here each period gets the representation that suits it, on the player's clock.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aligner.discovery import dash_periods, mp4_clock
from aligner.discovery.manifest import expect_allowed
from aligner.discovery.ytdlp.manifests import Fetched, Meter, fetcher
from aligner.errors import MediaUnavailable

if TYPE_CHECKING:
    from aligner.discovery.ytdlp.client import Client

Info = dict[str, Any]
KEPT = ("id", "title", "extractor", "extractor_key", "webpage_url", "http_headers")
"""What yt-dlp's description of a period has in common with that of the stream."""


def is_dash(entry: Info) -> bool:
    """Returns whether yt-dlp has found a rendition in a DASH manifest whose address is known."""
    return bool(entry.get("manifest_url")) and str(entry.get("container", "")).endswith("_dash")


def download(
    client: Client, entry: Info, folder: Path, allow_private: bool, meter: Meter
) -> Fetched:
    """Download the sound of all periods of a stream, which ``entry`` describes, to one file.

    Periods without sound are left out; their time is silent. Raises MediaUnavailable and yt-dlp's
    errors.
    """
    text, url = fetcher(client, entry)(entry["manifest_url"])
    whole: Path | None = None
    declared_ms: int | None = None
    for number, period in enumerate(dash_periods.read(text, url)):
        rendition = _rendition(client, entry, period, url)
        if rendition is None:
            continue
        for fragment in rendition.get("fragments") or [rendition]:
            if address := fragment.get("url"):
                expect_allowed(url, address, allow_private)
        if whole:
            meter.next_file(whole.stat().st_size)
        path = folder / f"period-{number}.{rendition.get('ext') or 'mp4'}"
        client.dl(str(path), rendition)
        if not path.is_file():
            why = "yt-dlp downloads nothing, and gives no reason"
            raise MediaUnavailable(entry["url"], "unreachable", why)
        if period.start_s is not None:
            by_s = period.start_s - period.offset_s(str(rendition.get("format_id")))
            mp4_clock.move(path, by_s)
        whole = _appended(whole, path)
        declared_ms = _end_ms(period, rendition)
    if whole is None:
        raise MediaUnavailable(entry["url"], "no_audio", "none of its periods has sound")
    return Fetched(whole, declared_ms)


def _end_ms(period: dash_periods.Period, rendition: Info) -> int | None:
    """Returns when a rendition ends, by the lengths of its period and its segments."""
    fragments = rendition.get("fragments") or ()
    listed_s = float(sum(fragment.get("duration") or 0 for fragment in fragments))
    length_s = min(filter(None, (listed_s, period.duration_s)), default=None)
    if period.start_s is None or length_s is None:
        return None
    return round(1000 * (period.start_s + length_s))


def _rendition(client: Client, entry: Info, period: dash_periods.Period, url: str) -> Info | None:
    """Returns yt-dlp's description of the rendition of a period; None if it has no sound."""
    reader = client.get_info_extractor("Generic")
    formats = reader._parse_mpd_formats(
        period.manifest, mpd_base_url=url.rpartition("/")[0], mpd_url=url
    )
    described = {key: entry[key] for key in KEPT if key in entry}
    if not any(one.get("acodec") != "none" for one in formats):
        return None
    chosen: Info = client.process_ie_result(described | {"formats": formats}, download=False)
    return chosen


def _appended(whole: Path | None, path: Path) -> Path:
    """Append a file to what is downloaded; the decoder finds the recordings in it."""
    if whole is None:
        return path
    with whole.open("ab") as out, path.open("rb") as more:
        shutil.copyfileobj(more, out)
    path.unlink()
    return whole
