"""Wordings of sites that refuse a page or a recording, or announce one that is still to come."""

from __future__ import annotations

import re

from aligner.types import MediaState

REFUSAL_WORDINGS: tuple[tuple[MediaState, str, str], ...] = (
    (
        "expired",
        "its address has expired",
        r"(?:request|token|link|url|signature|policy)\s+(?:has\s+|is\s+)?expired"
        r"|expired\s*(?:token|link|url|signature)",
    ),
    (
        "geo_blocked",
        "the site withholds it in this country",
        r"geo[- ]?(?:block|restrict|fenc)"
        r"|(?:not|un)\s?available\s+(?:in|from|outside)\s+(?:your|this|the)\s+"
        r"(?:current\s+)?(?:country|region|location|territory|area)"
        r"|in\s+(?:ihrem|deinem)\s+land\s+nicht\s+verfügbar"
        r"|pas\s+disponible\s+dans\s+votre\s+(?:pays|région)"
        r"|no\s+está\s+disponible\s+en\s+(?:tu|su)\s+(?:país|región)"
        r"|недоступ\w+\s+(?:в|для)\s+ваше\w+\s+(?:стран|регион)",
    ),
    (
        "refused",
        "the site lets no programs through",
        r"captcha|are\s+you\s+(?:a\s+)?(?:human|robot)|unusual\s+traffic|cf-chl|challenge-platform"
        r"|just\s+a\s+moment\.\.\.|enable\s+javascript\s+and\s+cookies|datadome|perimeterx"
        r"|incapsula",
    ),
    (
        "login",
        "the site asks for a login",
        r"(?:please|must|need\s+to)\s+(?:be\s+)?(?:log|sign)(?:ged|ned)?[- ]?in"
        r"|(?:login|authentication)\s+required|subscribers?[- ]only|only\s+for\s+subscribers",
    ),
)
"""State, reason for people, and pattern of the text of a refusal; the first that matches holds."""
LOGIN_PATH = re.compile(r"/(?:log-?in|sign-?in|sso|oauth2?)(?:[/.]|$)", re.IGNORECASE)
"""Paths of login pages."""

_MEDIA = r"(?:video|audio|recording|clip|film|podcast|episode|(?:live ?)?stream|broadcast)"
_THE = r"(?:(?:this|the|our) )?(?:full )?"
_SOON = r"(?:[.…!,;—-]+|\s)*(?:(?:and|it|please|the video|check|come|try|will)\b.{0,70})?"
_LIVE = r"live ?(?:stream|broadcast|video|event)"
PENDING_MEDIA_LINES = (
    rf"{_THE}{_MEDIA}(?: file)? (?:is|are)(?: still| currently| now| just)?(?: being)? (?:processed"
    rf"|processing|prepared|uploaded|encoded|converted|transcoded){_SOON}",
    rf"{_THE}{_MEDIA}s? (?:will|is going to) be (?:made )?(?:available|posted|uploaded|added) "
    r"(?:here|soon|shortly|later|as soon as).{0,60}",
    rf"{_THE}{_MEDIA}s? (?:is |are )?(?:available|coming|follows?|to follow) (?:soon|shortly|later)"
    rf"{_SOON}",
    rf"{_MEDIA} (?:is )?(?:processing|not yet available|not available yet){_SOON}",
    rf"{_THE}{_LIVE} (?:(?:will|is (?:scheduled|due) to) (?:start|begin)|starts|begins)\b.{{0,70}}",
    r"das (?:video|audio) (?:wird|ist) (?:gerade |noch |derzeit )?(?:verarbeitet|vorbereitet"
    r"|hochgeladen|in bearbeitung).{0,70}",
    r"das (?:video|audio) (?:ist|wird) (?:in kürze|bald|demnächst) verfügbar.{0,40}",
    r"(?:la vidéo|l[’']audio) est en cours de (?:traitement|préparation|chargement).{0,70}",
    r"(?:la vidéo|l[’']audio) sera (?:bientôt )?disponible.{0,60}",
    r"el (?:vídeo|video|audio) se está (?:procesando|preparando|cargando).{0,70}",
    r"el (?:vídeo|video|audio) estará disponible (?:pronto|en breve|próximamente).{0,40}",
    r"o (?:vídeo|áudio) está sendo (?:processado|preparado).{0,70}",
    r"(?:il video|l[’']audio) è in (?:elaborazione|preparazione).{0,70}",
    r"видео (?:обрабатывается|загружается|готовится).{0,70}",
    r"(?:видео|запись) (?:скоро )?(?:будет доступн[ао]|появится)(?: позже| скоро)?.{0,40}",
    r"відео (?:обробляється|завантажується).{0,70}",
)
"""Patterns of whole lines that stand where a recording will be published; case is ignored."""
PENDING_MEDIA = re.compile("|".join(PENDING_MEDIA_LINES), re.IGNORECASE)
