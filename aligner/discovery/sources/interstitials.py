"""Detects pages that a site shows instead of an article, such as logins and consent forms.

Only pages with hardly any article text are examined, and only where no recording was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aligner.discovery.html import json_ld, refresh_target, text_of
from aligner.discovery.site_messages import LOGIN_PATH, REFUSAL_WORDINGS
from aligner.discovery.sources.base import ParsedPage
from aligner.types import MediaState

THIN_CHARS, TEASER_CHARS = 400, 1500
"""Article text below THIN_CHARS counts as none; below TEASER_CHARS it may be only the beginning."""
LOGIN_CHARS = 200
MOST = 0.7
FORM_WORDS = 400
"""Words; a page that is only a consent form has fewer."""
SHELL_CHARS = 300
"""Characters of visible text; a page that scripts fill has fewer."""
SHOWN_CHARS, TITLE_CHARS = 20_000, 200
MOST_TEXTS, FEW = 5_000, 6

Interstitial = tuple[MediaState, str]
"""A state, and the reason for people."""

BY_TITLE: tuple[tuple[MediaState, str, str], ...] = (
    (
        "gone",
        "the site says that there is no such page",
        r"(?:error )?404(?:\W*|\W+(?:error|not|page)\b.*)|"
        r"(?:.*\b(?:page|article|story|content|document|url)\b.{0,30})?"
        r"\bnot (?:be )?found\W*|(?:this |the )?(?:page|article|story|content)\b.{0,20}"
        r"no longer (?:available|exists)\W*|.*(?:seite nicht gefunden|page introuvable|"
        r"página no encontrada|página não encontrada|pagina non trovata|страница не найдена|"
        r"сторінку не знайдено|strona nie istnieje|ページが見つかりません|页面不存在).*",
    ),
    (
        "unreachable",
        "the site is failing; try again later",
        r"(?:error )?50[0-4](?:\W*|\W+(?:error|internal|bad|service|gateway)\b.*)|"
        r"(?:http )?(?:error\W*)?(?:service (?:temporarily )?unavailable|"
        r"bad gateway|internal server error|gateway time-?out|temporarily (?:unavailable|down)|"
        r"error establishing a database connection)\W*|(?:(?:the |this |our )?(?:site|website|page)"
        r" is |we(?:'|’| a)re )?(?:currently |temporarily )?(?:down for|under|scheduled)"
        r" (?:scheduled )?maintenance\W*|(?:we(?:'|’)ll |we will )?be (?:right )?back"
        r" (?:soon|shortly)\W*",
    ),
    (
        "refused",
        "the site lets no programs through",
        r"(?:error )?403(?:\W*|\W+(?:error|access|forbidden)\b.*)|"
        r"(?:access (?:denied|forbidden)|forbidden)\W*|just a moment\W*|"
        r"attention required.*|pardon our interruption.*|ddos.{0,5}(?:protection|guard).*|"
        r"(?:security|human|bot|browser) (?:check|verification|challenge)(?: required)?\W*|"
        r"checking your browser.*|(?:please )?verify (?:that )?you(?:'|’| a)re (?:a )?human.*|"
        r"are you (?:a )?(?:human|robot).*|robot check|one more step\W*",
    ),
    (
        "login",
        "the site shows a login in the page's place",
        r"(?:please )?(?:log|sign)[- ]?in(?:(?: to| or| required|[,:]).{0,60})?\W*|"
        r"login(?: required| page| to .{0,40})?\W*|anmelden\W*|(?:se )?connecte[rz](?:-vous)?\W*|"
        r"connexion\W*|inicia[r]? sesión\W*|accedi\W*|inloggen\W*|zaloguj(?: się)?\W*|"
        r"вход(?: на сайт)?\W*|войти\W*|войдите.{0,40}|увійти\W*|ログイン\W*|登录\W*|"
        r"تسجيل الدخول.*",
    ),
    (
        "consent",
        "the site shows a consent form in the page's place",
        r"before you continue.*|(?:we value )?your privacy(?: (?:choices|matters|settings))?\W*|"
        r"(?:manage )?(?:your )?(?:cookies?|privacy)(?: (?:and|&) cookies?)?(?: (?:consent|settings"
        r"|policy|notice|preferences|choices|wall|cent(?:er|re)))?\W*|(?:your )?(?:data )?"
        r"consent(?: form| settings| required)?\W*|"
        r"datenschutz(?:einstellungen|hinweis)?\W*|cookie-?(?:einstellungen|hinweise?)\W*|"
        r"(?:la )?gestion des cookies.*|vos choix.*|su privacidad.*|tu privacidad.*|"
        r"(?:we|this site) uses? cookies.*|accept cookies.*",
    ),
)
"""State, reason, and pattern that a whole title or headline matches; case is ignored."""
CONSENT_PLACE = re.compile(
    r"//(?:[\w-]+\.)*(?:consent|cmp|privacy-mgmt)\.|/(?:consent|cookie-?wall|privacy-?(?:wall|gate|mgmt))"
    r"(?:[/?.-]|$)",
    re.IGNORECASE,
)
CONSENT_WORD = re.compile(
    r"cookies?\b|consent|privacy|datenschutz|einwillig\w*|consentement|confidentialité"
    r"|consentimiento|privacidad|consenso|согласи\w*|файлы cookie",
    re.IGNORECASE,
)
ACCEPT = re.compile(
    r"(?:yes,? )?(?:i )?(?:accept|agree|allow|consent|got it|ok(?:ay)?\b|reject|akzept|zustimm|"
    r"einverstanden|tout accepter|accepter|j[’']accepte|acept|aceit|accett|принять|соглас|прийняти|"
    r"同意|すべて許可)",
    re.IGNORECASE,
)
PAYWALL = re.compile(
    r"subscribe (?:now )?to (?:continue|keep|read|unlock)|to (?:continue|keep) reading|"
    r"(?:article|story|content) is (?:only )?(?:available )?(?:for|to) (?:our )?subscribers|"
    r"(?:exclusive|only) (?:to|for) subscribers|already a subscriber|"
    r"register (?:for free )?to (?:read|continue)|"
    r"create a free account to|jetzt abonnieren|nur für abonnenten|réservé aux abonnés|"
    r"solo para suscriptores|suscríbete para|riservato agli abbonati|только для подписчиков",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    r"cf-chl|challenge-platform|_Incapsula_Resource|captcha-delivery\.com|px-captcha|awsWafCookie"
    r"|sgcaptcha|geo\.captcha|ddos-guard|/_sec/cp_challenge",
    re.IGNORECASE,
)
"""Scripts of services that detect robots."""
NEEDS_SCRIPT = re.compile(
    r"(?:enable|activate|turn on|requires?|needs?|without)\s+javascript|javascript\s+(?:is\s+)?"
    r"(?:disabled|required|aktivieren)|javascript (?:muss|einschalten)|activer javascript|"
    r"habilit\w{1,20} javascript|включит\w{1,20} javascript",
    re.IGNORECASE,
)
ROOTS = re.compile(
    r"(?:root|app|__next|__nuxt|app-root|react-root|svelte|mount|gatsby|___gatsby)", re.IGNORECASE
)
"""Ids of elements into which a client-side application renders the page."""


@dataclass(frozen=True)
class DisplayedPage:
    """An HTML page and what it displays."""

    document: ParsedPage
    chars: int
    """Characters of article text."""

    @property
    def tree(self) -> HtmlElement:
        return self.document.tree

    @cached_property
    def text(self) -> str:
        """The first SHOWN_CHARS characters of the visible text."""
        body = next(self.tree.iter("body"), self.tree)
        return " ".join(" ".join(_visible(body, SHOWN_CHARS)).split())

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The page's title without the site's name, then its headlines."""
        named = [text_of(t) for t in islice(self.tree.iter("title"), 2)]
        parts = (part for title in named for part in re.split(r"\s+[|»·•–—-]\s+", title)[:1])
        headlines = (text_of(h) for h in islice(self.tree.iter("h1", "h2"), 4))
        return tuple(text[:TITLE_CHARS] for text in (*parts, *headlines) if text)

    def is_about(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern occurs in paragraphs that make up most of the article text."""
        paragraphs = self.document.article.paragraphs if self.document.article else ()
        texts = [p.text for p in paragraphs if p.role in ("body", "summary")]
        about = sum(len(text) for text in texts if pattern.search(text))
        return about >= MOST * sum(map(len, texts))

    @property
    def is_thin(self) -> bool:
        return self.chars < THIN_CHARS


def interstitial(document: ParsedPage) -> Interstitial | None:
    """Returns what the page shows instead of an article; None for an article, or if unknown."""
    if document.page.content_type != "text/html":
        return None
    paragraphs = document.article.paragraphs if document.article else ()
    chars = sum(len(p.text) for p in paragraphs if p.role in ("body", "summary"))
    if chars >= TEASER_CHARS:
        return None
    shown = DisplayedPage(document, chars)
    ways = (_consent, _challenge, _titled, _login, _paywall, _frames, _moved, _shell, _empty)
    return next(filter(None, (way(shown) for way in ways)), None)


def _visible(element: HtmlElement, room: int) -> Iterable[str]:
    """Yield the visible texts of an element, until ``room`` characters are used up."""
    for text in element.xpath(".//text()[not(ancestor::script or ancestor::style"
                              " or ancestor::noscript or ancestor::template)]"):  # fmt: skip
        yield str(text)
        room -= len(text)
        if room < 0:
            return


def _titled(shown: DisplayedPage) -> Interstitial | None:
    """Recognise an error page, a login or a robot check by its title."""
    if not shown.is_thin:
        return None
    for state, why, pattern in BY_TITLE:
        if state == "consent":
            continue  # it also needs a button
        for title in shown.titles:
            if re.fullmatch(pattern, title, re.IGNORECASE):
                return state, f"{why} ({title[:60]})"
    return None


def _consent(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a form that asks for consent to cookies."""
    words = shown.text.split()
    dense = len(CONSENT_WORD.findall(shown.text)) >= max(2, len(words) // 40)
    if not (shown.is_thin or dense) or not _has_button(shown.tree, ACCEPT):
        return None
    pattern = next(p for state, _, p in BY_TITLE if state == "consent")
    is_named = any(re.fullmatch(pattern, title, re.IGNORECASE) for title in shown.titles)
    is_place = CONSENT_PLACE.search(shown.document.address)
    is_form = shown.is_thin and dense and len(words) < FORM_WORDS
    if is_named or is_place or (is_form and shown.is_about(CONSENT_WORD)):
        return "consent", "the site shows a consent form (cookies, privacy) in the page's place"
    return None


def _has_button(tree: HtmlElement, pattern: re.Pattern[str]) -> bool:
    """Whether the label of a button or link matches."""
    controls = tree.xpath("//button | //a | //input[@type='submit' or @type='button']"
                          " | //*[@role='button']")  # fmt: skip
    return any(
        pattern.match(name.strip())
        for control in islice(controls, 300)
        for name in (text_of(control)[:80], control.get("value", ""))
    )


def _challenge(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a robot check, and pages that are withheld in a country."""
    if not shown.is_thin:
        return None
    html = shown.document.page.html
    wording = next(p for state, _, p in REFUSAL_WORDINGS if state == "refused")
    short = len(shown.text) < TEASER_CHARS
    if CHALLENGE.search(html) or (short and re.search(wording, shown.text, re.IGNORECASE)):
        return "refused", "the site shows a check that lets no programs through"
    others = (row for row in REFUSAL_WORDINGS if row[0] == "geo_blocked")
    for state, why, pattern in others:
        if short and re.search(pattern, shown.text, re.IGNORECASE):
            return state, why
    return None


def _login(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a login by its password field, its address or its wording."""
    asks = bool(shown.tree.xpath("//input[@type='password']")) and shown.chars < LOGIN_CHARS
    path = urlsplit(shown.document.address).path
    wording = next(p for state, _, p in REFUSAL_WORDINGS if state == "login")
    says = re.search(wording, shown.text, re.IGNORECASE)
    if shown.is_thin and (asks or LOGIN_PATH.search(path) or (says and shown.chars < LOGIN_CHARS)):
        return "login", "the site shows a login in the page's place"
    return None


def _paywall(shown: DisplayedPage) -> Interstitial | None:
    """Recognise an article of which only subscribers can read more than the beginning."""
    says = any(map(PAYWALL.search, _own_texts(shown.tree)))
    closed = any(
        str(node.get("isAccessibleForFree")).lower() == "false" for node in json_ld(shown.tree)
    )
    if (closed and shown.chars < TEASER_CHARS) or (says and shown.is_thin):
        return "login", "the site shows only its beginning to those who have not subscribed"
    return None


def _own_texts(tree: HtmlElement) -> Iterable[str]:
    """Yield the page's texts outside its header, menus and footer."""
    boxes = "header", "nav", "footer"
    for element in islice(tree.iter("p", "div", "span", "h2", "h3", "button", "a"), MOST_TEXTS):
        if next(element.iterancestors(*boxes), None) is None and len(element) <= FEW:
            yield text_of(element)[:TITLE_CHARS]


def _frames(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a frameset; each frame is a page of its own."""
    frames = [
        (f"{f.get('name', '')} {f.get('id', '')}".lower(), f.get("src", ""))
        for f in shown.tree.iter("frame")
    ]
    named = [src for name, src in frames if re.search(r"main|content|body|text", name) and src]
    sources = named or [src for _, src in frames if src][-1:]
    if shown.chars >= LOGIN_CHARS or not sources:
        return None
    address = shown.document.absolute(sources[0]) or sources[0]
    return (
        "not_media",
        f"it is a set of frames; give the address of the one with the article: {address}",
    )


def _moved(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a page that only redirects to another one."""
    target = refresh_target(shown.document.page.html)
    if target and shown.chars < LOGIN_CHARS:
        address = shown.document.absolute(target) or target
        return "not_media", f"it only leads on to another page; give that one: {address}"
    return None


def _shell(shown: DisplayedPage) -> Interstitial | None:
    """Recognise a page that only scripts fill with content."""
    scripts = shown.tree.xpath("//script[@src or string-length(normalize-space()) > 0]"
                               "[not(contains(@type, 'json'))]")  # fmt: skip
    if shown.chars >= LOGIN_CHARS or not scripts:
        return None
    noscript = " ".join(text_of(n) for n in islice(shown.tree.iter("noscript"), 20))
    asks = NEEDS_SCRIPT.search(f"{noscript} {shown.text[:2000]}")
    if len(shown.text) < SHELL_CHARS or asks or any(map(_is_root, _boxes(shown.tree))):
        return "needs_script", "a script makes its text and players, and scripts are not run"
    return None


def _boxes(tree: HtmlElement) -> Iterable[HtmlElement]:
    return islice(tree.iter("div", "main", "app-root", "section"), 2000)


def _is_root(box: HtmlElement) -> bool:
    """Whether an element is the empty mount point of a client-side application."""
    named = ROOTS.fullmatch(box.get("id", "")) or box.tag == "app-root"
    return bool(named) and not text_of(box)


def _empty(shown: DisplayedPage) -> Interstitial | None:
    if shown.text or shown.chars or next(shown.tree.iter("img", "svg", "iframe"), None) is not None:
        return None
    return "not_media", "it is empty: it has no text, no picture and no recording"
