"""Reads the text of an HLS playlist."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from aligner.discovery.hls.playlist import (
    AudioRendition,
    Key,
    Map,
    Playlist,
    Resource,
    Segment,
    Variant,
)
from aligner.errors import MediaUnavailable

BEGINNING = "#EXTM3U"
ATTRIBUTE = re.compile(r"(?<![A-Z0-9-])([A-Z0-9-]++)=(\"[^\"]*\"|[^,]*)")
VARIABLE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
BYTE_RANGE = re.compile(r"\s*(\d{1,15})(?:@(\d{1,15}))?\s*")
LINE_END = re.compile(r"\r\n|\r|\n")
IV = re.compile(r"0[xX][0-9A-Fa-f]{1,32}")
PICTURE_CODECS = re.compile(r"avc|hvc1|hev1|vp0?9|av01|dvh")
MAX_SEGMENT_S = 1_000_000.0
"""Eleven days; a longer duration is an error, and counts as 0."""
PLAIN_FORMAT = "identity"
"""The KEYFORMAT of keys that everybody can request."""
MAX_ADDED = 4_000_000
"""Characters that the values of variables may add to a playlist."""
NO_VARIABLES: Mapping[str, str] = {}


def read(text: str, url: str, imported: Mapping[str, str] = NO_VARIABLES) -> Playlist:
    """Read a playlist that was fetched from ``url``; unknown tags are skipped.

    ``imported`` are the variables of the multivariant playlist that led to it. Raises
    MediaUnavailable (state "not_media") if it is no playlist, or refers to undefined variables.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if not text.startswith(BEGINNING):
        raise MediaUnavailable(url, "not_media", "there is no playlist at the address")
    parser = _PlaylistParser(url, imported)
    for line in LINE_END.split(text):
        parser.add(line.strip())
    return parser.playlist()


def attributes(text: str) -> dict[str, str]:
    """Parse an attribute list (RFC 8216, section 4.2) to its names and values without quotes."""
    return {name: value.strip().strip('"') for name, value in ATTRIBUTE.findall(text)}


@dataclass(slots=True)
class _PlaylistParser:
    """A playlist up to some line: what is read, and what applies to the next segments."""

    url: str
    imported: Mapping[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    variants: list[Variant] = field(default_factory=list)
    renditions: list[AudioRendition] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    named: dict[str, None] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    """Tags without a value, and others whose presence matters."""
    stream: dict[str, str] | None = None
    """The attributes of the variant stream whose address follows."""
    sequence: int = 0
    discontinuity: int = 0
    duration_s: float = 0.0
    is_rounded: bool = False
    byte_range: str = ""
    map: Map | None = None
    keys: dict[str, Key | None] = field(default_factory=dict)
    """The keys in effect by KEYFORMAT; None for one that needs a licence."""
    is_gap: bool = False
    is_protected: bool = False
    added: int = 0
    """Characters that variables have added."""
    query: dict[str, str] | None = None
    """The parameters of the playlist's address, once they are asked for."""

    def add(self, line: str) -> None:
        """Read one line."""
        if line.startswith("#EXT"):
            tag, _, value = line.partition(":")
            self.flags.add(tag)
            if handler := TAGS.get(tag):
                handler(self, value.strip())
        elif line and not line.startswith("#"):
            self._address(self._full(self._substituted(line)))

    def playlist(self) -> Playlist:
        return Playlist(
            url=self.url,
            variants=tuple(self.variants),
            renditions=tuple(self.renditions),
            segments=tuple(self.segments),
            named=tuple(self.named),
            variables=self.variables,
            has_ended="#EXT-X-ENDLIST" in self.flags or "vod" in self.flags,
            is_protected=self.is_protected or "#EXT-X-FAXS-CM" in self.flags,
            has_only_i_frames="#EXT-X-I-FRAMES-ONLY" in self.flags,
            is_delta_update="#EXT-X-SKIP" in self.flags,
        )

    # ------------------------------------------------------------ lines with an address

    def _address(self, url: str) -> None:
        self.named[url] = None
        if self.stream is not None:
            self.variants.append(_variant(url, self.stream))
            self.stream = None
            return
        key = self._key_in_effect
        self.is_protected = self.is_protected or bool(self.keys and not key)
        self.segments.append(
            Segment(
                resource=self._resource(url, self.byte_range),
                duration_s=self.duration_s,
                is_rounded=self.is_rounded,
                sequence=self.sequence,
                discontinuity=self.discontinuity,
                map=self.map,
                key=key,
                is_gap=self.is_gap,
            )
        )
        self.sequence += 1
        self.duration_s, self.byte_range, self.is_gap = 0.0, "", False

    def _resource(self, url: str, byte_range: str) -> Resource:
        """Returns a segment's resource; a range without an offset follows the previous one."""
        found = BYTE_RANGE.fullmatch(byte_range)
        if not found:
            return Resource(url)
        last = self.segments[-1].resource if self.segments else Resource("")
        following = last.start + (last.length or 0) if last.url == url else 0
        return Resource(url, int(found[2]) if found[2] else following, int(found[1]))

    # ------------------------------------------------------------ tags

    def stream_inf(self, value: str) -> None:
        self.stream = self._attributes(value)

    def media(self, value: str) -> None:
        given = self._attributes(value)
        if given.get("TYPE") == "AUDIO":
            self.renditions.append(
                AudioRendition(
                    url=self._full(given["URI"]) if given.get("URI") else None,
                    group=given.get("GROUP-ID", ""),
                    is_default=given.get("DEFAULT") == "YES",
                    is_autoselect=given.get("AUTOSELECT") == "YES",
                    is_description="describes-video" in given.get("CHARACTERISTICS", ""),
                )
            )

    def extinf(self, value: str) -> None:
        number = value.partition(",")[0]
        self.is_rounded = number.strip().isdecimal()
        try:
            seconds = float(number)
        except ValueError:
            seconds = 0.0
        self.duration_s = seconds if 0 <= seconds < MAX_SEGMENT_S else 0.0

    def byterange(self, value: str) -> None:
        self.byte_range = value

    def map_section(self, value: str) -> None:
        given = self._attributes(value)
        found = BYTE_RANGE.fullmatch(given.get("BYTERANGE", ""))
        start, length = (int(found[2] or 0), int(found[1])) if found else (0, None)
        if given.get("URI"):
            resource = Resource(self._full(given["URI"]), start, length)
            self.map = Map(resource, self._key_in_effect)

    def key(self, value: str) -> None:
        given = self._attributes(value)
        if given.get("METHOD") == "NONE":
            self.keys.clear()
        elif "METHOD" in given:
            self.keys[given.get("KEYFORMAT", PLAIN_FORMAT)] = self._plain_key(given)

    def session_key(self, value: str) -> None:
        self.is_protected = self.is_protected or not self._plain_key(self._attributes(value))

    def media_sequence(self, value: str) -> None:
        self.sequence = int(value) if re.fullmatch(r"\d{1,18}", value) else 0

    def add_discontinuity(self, _value: str) -> None:
        self.discontinuity += 1

    def gap(self, _value: str) -> None:
        self.is_gap = True

    def playlist_type(self, value: str) -> None:
        if value == "VOD":
            self.flags.add("vod")

    def name_only(self, value: str) -> None:
        self._attributes(value)

    def define(self, value: str) -> None:
        """Define a variable (rfc8216bis, section 4.4.2.3)."""
        given = self._attributes(value)
        if "NAME" in given:
            self.variables[given["NAME"]] = given.get("VALUE", "")
        elif "IMPORT" in given:
            name = given["IMPORT"]
            self.variables[name] = self._value(name, self.imported)
        elif "QUERYPARAM" in given:
            name = given["QUERYPARAM"]
            if self.query is None:
                self.query = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
            self.variables[name] = self._value(name, self.query)

    # ------------------------------------------------------------ values

    @property
    def _key_in_effect(self) -> Key | None:
        return self.keys.get(PLAIN_FORMAT)

    def _plain_key(self, given: dict[str, str]) -> Key | None:
        """Returns the key that everybody can request; None for all other kinds."""
        is_plain = given.get("METHOD") == "AES-128" and given.get("URI")
        if not is_plain or given.get("KEYFORMAT", PLAIN_FORMAT) != PLAIN_FORMAT:
            return None
        iv = given.get("IV", "")
        return Key(self._full(given["URI"]), iv if IV.fullmatch(iv) else None)

    def _attributes(self, value: str) -> dict[str, str]:
        """Returns attributes with their variables replaced; notes the address among them."""
        given = {name: self._substituted(text) for name, text in attributes(value).items()}
        if given.get("URI") and not given["URI"].startswith("data:"):
            self.named[self._full(given["URI"])] = None
        return given

    def _substituted(self, text: str) -> str:
        """Replace variables (rfc8216bis, section 4.3). Raises MediaUnavailable."""
        return VARIABLE.sub(lambda found: self._added(found[1]), text)

    def _added(self, name: str) -> str:
        """Returns a variable's value that is put into the playlist. Raises MediaUnavailable."""
        value = self._value(name, self.variables)
        self.added += len(value)
        if self.added > MAX_ADDED:
            why = "its playlist grows without end by its variables"
            raise MediaUnavailable(self.url, "not_media", why)
        return value

    def _value(self, name: str, values: Mapping[str, str]) -> str:
        if name not in values:
            why = f"its playlist uses the variable {name!r}, which is not defined"
            raise MediaUnavailable(self.url, "not_media", why)
        return values[name]

    def _full(self, address: str) -> str:
        try:
            return urljoin(self.url, address)
        except ValueError:
            return address


def _variant(url: str, given: dict[str, str]) -> Variant:
    codecs = given.get("CODECS", "").lower()
    rate = given.get("AVERAGE-BANDWIDTH") or given.get("BANDWIDTH") or ""
    return Variant(
        url=url,
        bandwidth=int(rate) if re.fullmatch(r"\d{1,12}", rate) else 0,
        codecs=codecs,
        has_picture="RESOLUTION" in given or bool(PICTURE_CODECS.search(codecs)),
        audio_group=given.get("AUDIO"),
    )


TAGS: Mapping[str, Callable[[_PlaylistParser, str], None]] = {
    "#EXT-X-DEFINE": _PlaylistParser.define,
    "#EXT-X-STREAM-INF": _PlaylistParser.stream_inf,
    "#EXT-X-MEDIA": _PlaylistParser.media,
    "#EXT-X-I-FRAME-STREAM-INF": _PlaylistParser.name_only,
    "#EXT-X-SESSION-DATA": _PlaylistParser.name_only,
    "#EXT-X-SESSION-KEY": _PlaylistParser.session_key,
    "#EXT-X-PLAYLIST-TYPE": _PlaylistParser.playlist_type,
    "#EXT-X-MEDIA-SEQUENCE": _PlaylistParser.media_sequence,
    "#EXT-X-DISCONTINUITY": _PlaylistParser.add_discontinuity,
    "#EXT-X-MAP": _PlaylistParser.map_section,
    "#EXT-X-KEY": _PlaylistParser.key,
    "#EXT-X-BYTERANGE": _PlaylistParser.byterange,
    "#EXT-X-GAP": _PlaylistParser.gap,
    "#EXT-X-PART": _PlaylistParser.name_only,
    "#EXT-X-PRELOAD-HINT": _PlaylistParser.name_only,
    "#EXTINF": _PlaylistParser.extinf,
}
"""What reads the value of a tag."""
