"""Renders NAME.hls/: segmented WebVTT with its playlist, for HTTP Live Streaming (RFC 8216).

webvtt-py divides the cues and writes the segments. The playlist is written here, because players
expect it to last to the end of the recording and to give the last segment's real duration.

Cue times count from the recording's time 0; X-TIMESTAMP-MAP declares the MPEG-2 timestamp of that
time (``Look.mpegts``). It is 0 in fragmented MP4 and where a packager's clock starts at zero; in
MPEG-TS it is 126000 if ffmpeg made it, 900000 if Apple's segmenter did.
"""

from __future__ import annotations

from aligner._util.temporary_folder import temporary_folder
from aligner.captions.formats.base import PLAIN, Format, Look, cues_of
from aligner.captions.formats.vtt import STYLES, cues
from aligner.types import CaptionResult

SECONDS = 6
"""The duration of a segment in Apple's authoring specification for HLS."""
PLAYLIST = "captions.m3u8"


def render(outcome: CaptionResult, look: Look = PLAIN) -> str:  # noqa: ARG001
    """Returns the playlist of the segments."""
    length = _length_ms(outcome)
    if not length:
        return ""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SECONDS}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for index, start in enumerate(range(0, length, SECONDS * 1000)):
        seconds = min(SECONDS * 1000, length - start) / 1000
        lines += [f"#EXTINF:{seconds:.3f},", f"fileSequence{index}.webvtt"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def segments(outcome: CaptionResult, look: Look = PLAIN) -> dict[str, str]:
    """Returns the segments by file name; a cue is in every segment during which it is shown.

    Each ends with a blank line, which ends its last cue also for readers that join segments.
    """
    from webvtt import Style
    from webvtt.segmenter import slice_segments, write_segments

    if not outcome.captions or not cues_of(outcome):
        return {}
    count = -(-_length_ms(outcome) // (SECONDS * 1000))
    sliced = slice_segments(cues(outcome.captions, look), SECONDS)[:count]
    sliced += [[] for _ in range(count - len(sliced))]
    with temporary_folder() as folder:
        styles = [Style(list(STYLES))] if look.styled else []
        write_segments(folder, sliced, look.mpegts, styles)
        return {
            path.name: path.read_text(encoding="utf-8").rstrip("\n") + "\n\n"
            for path in sorted(folder.iterdir())
        }


def _length_ms(outcome: CaptionResult) -> int:
    """Returns the duration of the recording, or the end of the last cue if that is later."""
    last = max((cue.end_ms for cue in cues_of(outcome)), default=0)
    return max(last, outcome.duration_ms or 0) if last else 0


HLS = Format(
    name="hls", suffix=f".hls/{PLAYLIST}", render=render, needs_cues=True, beside=segments,
    about="segmented WebVTT with a playlist",
)  # fmt: skip
