"""Probes the candidate recordings of an article, and chooses the one that plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aligner.discovery import probe
from aligner.net import client
from aligner.pipeline.check.options import CheckOptions
from aligner.pipeline.check.results import failed_candidate
from aligner.pipeline.diagnosis import PLAYS, failure, shorter_than_page
from aligner.pipeline.options import Options
from aligner.pipeline.resources import MOST_TRIES, asking_for, with_local_files
from aligner.types import CheckResult, MediaInfo, MediaLink


def probe_candidates(
    known: CheckResult,
    links: Sequence[MediaLink],
    options: Options,
    check_options: CheckOptions,
    session: client.Session,
) -> CheckResult:
    """Returns the result for the first playable candidate, else the failure of the best one."""
    how = probe.ProbeOptions(
        allow_private=options.allow_private,
        ask_others=check_options.embeds,
        network=check_options.web.network,
        throttle=session.throttle,
        net=options.net,
    )
    first: CheckResult | None = None
    fetch_part = with_local_files(session.fetch_range)
    for link in links[:MOST_TRIES]:
        ask = asking_for(link, fetch_part)
        probed = probe.probe(link, ask, how)
        found = replace(known, media=link, probed=probed.probed)
        if probed.state in PLAYS:
            why = _why_part(link, probed.probed)
            reason = f"{probed.reason}; {why}" if why else probed.reason
            found = replace(found, state=probed.state, reason=reason)
            return _captioned(_after(first, found), ask)
        first = first or failed_candidate(found, failure(link.url, probed))
    assert first is not None  # noqa: S101  there is at least one link
    return first


def _why_part(link: MediaLink, probed: MediaInfo | None) -> str | None:
    """Returns why a recording is only part of what its page declares; None if it is not sure."""
    if probed is None or not probed.declares_duration or not probed.duration_ms:
        return None
    return shorter_than_page(probed.duration_ms, link)


def _after(first: CheckResult | None, found: CheckResult) -> CheckResult:
    """Adds the failure of the best candidate to the result for a playable one."""
    assert found.media  # noqa: S101
    if found.state == "audio_only":
        found = replace(found, media=replace(found.media, kind="audio"))
    if first is None:
        return found
    return replace(found, reason=f"{found.reason}; the best candidate does not: {first.reason}")


def _captioned(found: CheckResult, ask: probe.Ask) -> CheckResult:
    """Marks a playable recording as captioned if the page offers captions with it."""
    assert found.media  # noqa: S101
    track = probe.captions_of(found.media, found.language, ask)
    if track is None:
        return found
    language = f" in {track.language}" if track.language else ""
    reason = f"captions{language} are there already, at {track.url}; {found.reason}"
    return replace(found, state="already_captioned", reason=reason)
