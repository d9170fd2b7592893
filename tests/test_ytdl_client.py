"""Our yt-dlp knows the same sites as yt-dlp itself."""

import pytest
from yt_dlp import YoutubeDL

from aligner.addresses import INTERNET
from aligner.ytdl.client import Client, Ways


@pytest.mark.parametrize("names", [["default"], ["generic"]])
def test_the_extractors_are_yt_dlps_own(names: list[str]) -> None:
    params = {"allowed_extractors": names, "quiet": True, "cachedir": False}
    with YoutubeDL(params) as theirs, Client(params, Ways(False, INTERNET)) as ours:
        assert list(ours._ies) == list(theirs._ies)
