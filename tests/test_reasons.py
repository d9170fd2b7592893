"""Pages without a recording of use: each has its own reason, the same for all commands."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from news_site import PAGE, SAMPLE, recording
from server import Reply, Server, redirect
from test_one_answer import Answers, answers, options

from aligner import cli
from aligner.discovery import article, sources
from aligner.discovery.article import extract
from aligner.errors import NoMedia
from aligner.pipeline import check, steps
from aligner.types import MediaState, Page

WORDS = (
    "The council of the village met for the third time this year and agreed that the bridge has to "
    "be repaired before the winter, whatever it may cost and whoever pays for it in the end.",
    "Nobody had crossed it since March, when a lorry with forty crates of apples broke the rail "
    "and stopped with two wheels over the water, to the delight of the children of the school.",
    "The mason says that he needs eleven weeks, dry weather, and somebody who carries the stones "
    "up from the river; the council has given him the money for the first two of these weeks.",
)
PROSE = "".join(f"<p>{text}</p>" for text in WORDS)


def page(inner: str = "", title: str = "A bridge", head: str = "", below: str = "") -> str:
    """An article, with something above and below its text."""
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>'
        f"<article><h1>{title}</h1>{inner}{PROSE}</article>{below}</body></html>"
    )


def bare(inner: str, title: str = "District News", head: str = "") -> str:
    """A page that is no article."""
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{inner}</body></html>"
    )


@dataclass(frozen=True)
class Case:
    """A page, and the one answer for it."""

    html: str
    state: MediaState
    status: str
    reason: str
    """A part of it."""
    routes: dict[str, Reply] = field(default_factory=dict)


TEASER = (
    '<aside class="related"><h3><a href="/x">Another story</a></h3>'
    '<video src="/other{}.mp4" controls></video></aside>'
)
PLAYS = "only a script fills"
CASES: dict[str, Case] = {
    # ---- something else stands in the article's place
    "a script's shell": Case(
        bare('<div id="root"></div><script src="/app.js"></script>'),
        "needs_script", "error", "scripts are not run",
    ),
    "a shell that asks for JavaScript": Case(
        bare("<nav>" + 40 * "<a href=/x>Section</a> " + "</nav><noscript>You need to enable "
             "JavaScript to run this app.</noscript><main></main><script>boot()</script>"),
        "needs_script", "error", "scripts are not run",
    ),
    "a consent wall": Case(
        bare("<h1>Before you continue</h1><p>We and our partners store cookies on your device. "
             "With your consent we use them for advertising.</p><form><button>Reject all</button>"
             "<button>Accept all</button></form><script>cmp()</script>"),
        "consent", "error", "consent",
    ),
    "a cookie wall of many words": Case(
        bare("<h1>Your privacy</h1>" + 12 * "<p>We use cookies and similar means to store "
             "information on your device, with your consent, for the purposes below, and our "
             "privacy policy says which cookies those are.</p>" + "<a role=button>I agree</a>"),
        "consent", "error", "consent",
    ),
    "a login": Case(
        bare('<h1>Welcome back</h1><form><input name="user"><input type="password" name="pw">'
             "<button>Sign in</button></form>"),
        "login", "error", "login",
    ),
    "a login by its title": Case(
        bare("<p>Your account lets you read all stories.</p>", "Log in - District News"),
        "login", "error", "login",
    ),
    "a paywall": Case(
        bare("<article><h1>A bridge</h1><p>The council met for the third time this year.</p>"
             "<div class=paywall>Subscribe to continue reading. Already a subscriber?</div>"
             "</article>"),
        "login", "error", "subscribed",
    ),
    "a paywall that the page declares": Case(
        bare(f"<article><h1>A bridge</h1><p>{WORDS[0]}</p><p>{WORDS[1]}</p></article>", head=
             '<script type="application/ld+json">{"@type": "NewsArticle", '
             '"isAccessibleForFree": "False"}</script>'),
        "login", "error", "subscribed",
    ),
    "a check for robots": Case(
        bare('<h1>One more step</h1><p>Please complete the security check.</p>'
             '<script src="/cdn-cgi/challenge-platform/h.js"></script>', "Just a moment..."),
        "refused", "error", "lets no programs through",
    ),
    "not here": Case(
        bare("<p>This site is not available in your country.</p>"),
        "geo_blocked", "error", "country",
    ),
    "an error page with status 200": Case(
        bare("<h1>Page not found</h1><p>Try the search.</p>", "404 | District News"),
        "gone", "error", "no such page",
    ),
    "a failing site with status 200": Case(
        bare("<h1>We will be back soon</h1><p>Scheduled maintenance.</p>"),
        "unreachable", "error", "failing",
    ),
    "nothing": Case("<html><body></body></html>", "not_media", "error", "it is empty"),
    "frames": Case(
        '<html><frameset cols="20%,80%"><frame src="/menu.html"><frame name="main" '
        'src="/story.html"></frameset></html>',
        "not_media", "error", "/story.html",
    ),
    # ---- there is a recording, and it cannot be used
    "a player that a script fills": Case(
        page('<div class="np-player" data-video-id="8f31c2"></div>'),
        "needs_script", "media_unavailable", "data-video-id=8f31c2",
    ),
    "a <video> without an address": Case(
        page('<video class="video-js" id="vjs1" controls></video>'),
        "needs_script", "media_unavailable", PLAYS,
    ),
    "an address in a browser's memory": Case(
        page('<video src="blob:https://news.example/5f1c-4e" controls></video>'),
        "needs_script", "media_unavailable", "blob:",
    ),
    "a silent file in place of the address": Case(
        page('<audio controls src="/static/blank.mp3"></audio>'),
        "needs_script", "media_unavailable", PLAYS,
    ),
    "a tag of the site's own": Case(
        page('<district-video-player item="7"></district-video-player>'),
        "needs_script", "media_unavailable", "district-video-player",
    ),
    "a button that plays": Case(
        page('<button class="js-play-audio">Listen to this article</button>'),
        "needs_script", "media_unavailable", "Listen to this article",
    ),
    "a declared video without an address": Case(
        page(head='<script type="application/ld+json">{"@type": "VideoObject", '
             '"name": "The bridge from above", "duration": "PT1M"}</script>'),
        "needs_script", "media_unavailable", "The bridge from above",
    ),
    "a player of an unknown host": Case(
        page('<iframe src="https://player.filmhouse.example/v/77" allowfullscreen></iframe>'),
        "embed_only", "media_unavailable", "player.filmhouse.example",
    ),
    "another protocol": Case(
        page('<a href="rtmp://media.news.example/bridge">Watch</a>'),
        "refused", "media_unavailable", "rtmp:",
    ),
    "a video that is being processed": Case(
        page('<div class="video"><p>This video is being processed. Please check back later.</p>'
             "</div>"),
        "not_yet", "media_unavailable", "This video is being processed",
    ),
    "a live stream to come": Case(
        page("<p>The live stream starts at 8 pm.</p>"),
        "not_yet", "media_unavailable", "The live stream starts at 8 pm",
    ),
    "a broadcast that is declared": Case(
        page(head='<script type="application/ld+json">{"@type": "BroadcastEvent", '
             '"isLiveBroadcast": true, "startDate": "2126-01-01T20:00Z"}</script>'),
        "not_yet", "media_unavailable", "2126-01-01 20:00",
    ),
    # ---- the article has none
    "an article": Case(page(), "none", "no_media", "links no video or audio"),
    "other stories' recordings": Case(
        page(below=TEASER.format(1) + TEASER.format(2)),
        "none", "no_media", "2 of other stories; `aligner check --all`",
    ),
    "silent loops": Case(
        page('<video src="/loop.mp4" muted loop autoplay></video>'),
        "none", "no_media", "silent loops (1)",
    ),
    "a mere mention": Case(
        page('<p><a href="https://www.youtube.com/watch?v=Sn0wM4rk3tQ">A film of it</a> was made '
             "by the pupils.</p>"),
        "none", "no_media", "mentions https://www.youtube.com/watch?v=Sn0wM4rk3tQ",
    ),
    "an announcement of another story": Case(
        page(below='<aside class="related"><p>This video is being processed</p></aside>'),
        "none", "no_media", "links no video or audio",
    ),
    "a short notice with the site's login": Case(
        page().replace("</article>", '</article><form class="login"><input type="password">'
                       "<button>Log in</button></form>"),
        "none", "no_media", "links no video or audio",
    ),
    "an article about cookies": Case(
        page(title="What the new rules on cookies and consent mean") .replace(
            "</article>", "<p>The site keeps a banner.</p></article><div class=cookie-banner>We use"
            " cookies. <button>Accept</button></div>"),
        "none", "no_media", "links no video or audio",
    ),
    "an article about a missing page": Case(
        page(title="The page that was not found"), "none", "no_media", "links no video or audio",
    ),
    "an article about a film that is processed": Case(
        page("<p>The video is being processed by the police, who hope to name the driver of the "
             "lorry before the end of the week.</p>"),
        "none", "no_media", "links no video or audio",
    ),
}  # fmt: skip
CODES = {"error": 1, "no_media": 3, "media_unavailable": 4}


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """yt-dlp is not asked about the page: it would ask for it once more."""
    monkeypatch.setattr(sources, "LAST_RESORT", {})


def said(html: str, folder: Path) -> Answers:
    with Server({"/news/bridge": Reply(html.encode())}) as server:
        return answers(server.url("/news/bridge"), folder)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_page_has_its_own_reason(case: Case, tmp_path: Path) -> None:
    found = said(case.html, tmp_path)
    assert (found.state, found.status) == (case.state, case.status), found.reason
    assert found.code == CODES[case.status]
    assert case.reason in found.reason
    assert found.http_status == 200
    assert ("links no video or audio" in found.reason) <= (case.state == "none")


BANNER = (
    '<div class="banner"><p>We and our 211 partners store cookies on your device, with your '
    "consent, and our privacy policy says which cookies those are.</p><button>Accept all</button>"
    "<button>Reject all</button></div>"
)
HEADER = '<header><a href="/log-in">Already a subscriber? Log in</a></header>'
BRIEFS = (
    "Boat and crew not found", "Bridge under maintenance until May", "Train service unavailable",
    "Consent law passes its first reading", "Access to the bridge denied", "Login fees rise again",
    "Minister denied entry", "500 people leave the valley", "404 boats at the regatta",
    "403 lorries wait", "Security check at the border takes hours", "Just a moment of silence",
    "Vanished story of a village found",
)  # fmt: skip


@pytest.mark.parametrize("title", BRIEFS)
def test_a_short_article_is_no_wall(title: str) -> None:
    """Whatever its title says, what the site's header offers, and how long its banner is."""
    text = f"<article><h1>{title}</h1><p>{WORDS[0]}</p></article>"
    html = bare(f"{HEADER}{text}{BANNER}<script>tags()</script>", f"{title} - District News")
    page = Page("https://news.example/a", "https://news.example/a", html, 200)
    document = sources.ParsedPage(page, extract(page), sources.FindOptions())
    error = sources.absent(document, "a", sources.survey(document))
    assert isinstance(error, NoMedia), error


def test_what_is_announced_is_no_text_of_the_article() -> None:
    html = CASES["a video that is being processed"].html
    text = [p.text for p in extract(Page(None, None, html, 200)).paragraphs if p.role == "body"]
    assert text == list(WORDS)
    same = CASES["an article about a film that is processed"].html
    assert len(article.extract(Page(None, None, same, 200)).paragraphs) == 5


def test_a_wall_is_no_article(tmp_path: Path) -> None:
    with Server({"/story": Reply(CASES["a cookie wall of many words"].html.encode())}) as server:
        outcome = steps.caption(server.url("/story"), options(tmp_path))
        found = check.check(server.url("/story"), options(tmp_path))
    assert outcome.article is None
    assert (found.title, found.answered) == (None, False)


@pytest.mark.slow
def test_readers_that_are_sent_on_are_followed(tmp_path: Path) -> None:
    film = page('<video src="/a.mp4"></video>')
    moved = '<html><head><meta http-equiv="refresh" content="0; url={}"></head></html>'
    routes = {
        "/old": Reply(moved.format("/new").encode()),
        "/new": Reply(film.encode()),
        "/round": Reply(moved.format("/round").encode()),
        "/a.mp4": Reply(recording(), "video/mp4", ranges=True),
        "/there": redirect("/old"),
    }
    with Server(routes) as server:
        assert answers(server.url("/there"), tmp_path).state == "playable"
        assert answers(server.url("/round"), tmp_path / "round").status == "error"


def test_all_candidates_are_looked_for_as_without(tmp_path: Path) -> None:
    html = page(below=TEASER.format(1))
    with Server({"/news": Reply(html.encode())}) as server:
        both = [
            check.check(
                server.url("/news"),
                options(tmp_path),
                check_options=check.CheckOptions(all_candidates=every),
            )
            for every in (False, True)
        ]
    assert both[0].reason == both[1].reason
    assert [len(found.candidates) for found in both] == [0, 1]


# ---------------------------------------------------------------- saved pages


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with a recording in it, and a page above it."""
    folder = tmp_path / "saved"
    (folder / "bridge_files").mkdir(parents=True)
    (folder / "bridge_files" / "clip one.mp4").write_bytes(recording())
    (tmp_path / "outside.mp4").write_bytes(recording())
    return folder


def of_file(folder: Path, html: str) -> Answers:
    file = folder / "bridge.html"
    file.write_text(html, "utf-8")
    return answers(str(file), folder.parent / "out")


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    ["bridge_files/clip%20one.mp4", "./bridge_files/clip one.mp4", "bridge_files/clip one.mp4?x=1"],
)
def test_a_file_beside_the_page_is_used(saved: Path, address: str) -> None:
    found = of_file(saved, page(f'<video src="{address}"></video>'))
    assert (found.state, found.http_status) == ("playable", None)
    assert found.code in (0, 6)


@pytest.mark.slow
def test_a_file_beside_the_page_comes_before_the_pages_own_address(saved: Path) -> None:
    head = '<link rel="canonical" href="https://news.example/bridge">'
    html = page('<video src="bridge_files/clip%20one.mp4"></video>', head=head)
    assert of_file(saved, html).state == "playable"


@pytest.mark.parametrize("address", ["clip.mp4", "../outside.mp4", "/bridge_files/clip one.mp4"])
def test_a_relative_address_without_a_file(saved: Path, address: str) -> None:
    found = of_file(saved, page(f'<video src="{address}"></video>'))
    assert (found.state, found.status, found.code) == ("no_address", "media_unavailable", 4)
    assert address in found.reason
    assert "give --url" in found.reason


def test_a_link_out_of_the_folder_is_not_followed(saved: Path) -> None:
    (saved / "link.mp4").symlink_to(saved.parent / "outside.mp4")
    found = of_file(saved, page('<video src="link.mp4"></video>'))
    assert found.state == "no_address"


def test_a_damaged_file_beside_the_page(saved: Path) -> None:
    (saved / "clip.mp4").write_bytes(b"<!doctype html><title>no</title>")
    found = of_file(saved, page('<video src="clip.mp4"></video>'))
    assert (found.state, found.status) == ("not_media", "media_unavailable")


def test_a_saved_page_that_only_leads_on(saved: Path) -> None:
    found = of_file(
        saved, '<meta http-equiv="refresh" content="1;URL=\'https://news.example/new\'"><p>Moved.'
    )
    assert (found.status, found.code) == ("error", 1)
    assert "https://news.example/new" in found.reason


@pytest.mark.slow
def test_the_sample_works_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first thing to try in a clone, by its relative path."""
    monkeypatch.chdir(SAMPLE.parent)
    shown = options(tmp_path)
    found = check.check("russia-and-assad/index.html", shown)
    assert (found.state, found.media and found.media.url) == (
        "playable", "russia-and-assad/russia-and-assad.mp4",
    )  # fmt: skip
    assert found.reason.startswith("an MP4 file with sound and pictures, 106 s")
    outcome = steps.caption("russia-and-assad/index.html", shown)
    assert (outcome.status, outcome.state) == ("captioned", "playable")
    monkeypatch.setattr("sys.argv", ["aligner", "check", "russia-and-assad/index.html"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert "playable" in capsys.readouterr().out


@pytest.mark.slow
def test_a_folder_named_like_a_preview_says_nothing(saved: Path) -> None:
    folder = saved.parent / "live" / "preview"
    shutil.copytree(saved, folder)
    found = of_file(folder, page('<video src="bridge_files/clip%20one.mp4"></video>'))
    assert found.state == "playable"


# ---------------------------------------------------------------- a second time


@pytest.mark.slow
@pytest.mark.parametrize(
    ("media", "again"), [("/soon.mp4", "captioned"), ("/gone.mp4", "media_unavailable")]
)
def test_what_may_pass_is_asked_for_again(
    media: str, again: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """`caption` a second time: after 503 the recording is asked for, after 404 it is not."""
    story = PAGE.replace(b"russia-and-assad.mp4", media.encode())
    routes = {
        "/story": Reply(story),
        "/soon.mp4": Reply(status=503),
        "/gone.mp4": Reply(status=404),
    }
    model = options(tmp_path).model
    with Server(routes) as server:
        given = ["caption", server.url("/story"), "-o", str(tmp_path / "out"), "--json", "-q"]
        given += ["--allow-private", "--engine", "recorded", "--model", str(model)]
        rows = []
        for _ in range(2):
            monkeypatch.setattr("sys.argv", ["aligner", *given])
            with pytest.raises(SystemExit):
                cli.main()
            rows.append(json.loads(capsys.readouterr().out))
            film = Reply(recording(), "video/mp4", ranges=True)
            server.routes |= {"/soon.mp4": film, "/gone.mp4": film}
    first, second = rows
    assert (first["status"], second["status"]) == ("media_unavailable", again)
    assert first["http_status"] in (503, 404)
    if again == first["status"]:
        assert first["reason"] in second["reason"]
        assert second["state"] == first["state"] == "gone"


@pytest.mark.slow
def test_a_page_from_the_network_names_no_file_of_this_machine(saved: Path, tmp_path: Path) -> None:
    file = saved / "bridge_files" / "clip one.mp4"
    for address in (str(file), file.as_uri(), f"file:{file}"):
        found = said(page(f'<video src="{address}"></video>'), tmp_path / address[-40:-20])
        assert found.status == "media_unavailable"
        assert found.state in ("gone", "refused")
