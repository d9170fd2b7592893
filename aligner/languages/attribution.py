"""Words by which an article says whose words it quotes, a record a language.

How to add a language: one record in ``ATTRIBUTION``. It must be one in which names, and few other
words, are capitalised. Without a record nobody is named by quotations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribution:
    """The words of one language, in small letters."""

    verbs: frozenset[str]
    """Forms of verbs of saying, as they are used of one person."""
    pronouns: frozenset[str]
    """Personal pronouns of one person who is quoted."""
    on_behalf: frozenset[str]
    """Words before a name whose person is not the one who speaks: "a spokesman for X said"."""
    going_on: frozenset[str]
    """Words with which a clause goes on after its subject: "said Lopez in Geneva"."""
    titles: frozenset[str]
    """Titles and offices before a name; no part of the name."""
    not_people: frozenset[str]
    """Words that end, or begin, the names of places and organisations."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OFFICES = _words(
    "mr mrs ms miss dr sir lord lady dame president vice prime minister secretary state"
    " senator representative congressman congresswoman mp governor mayor judge justice chief"
    " general colonel major captain lieutenant sergeant officer admiral commander professor"
    " prof doctor reverend bishop archbishop pope father sister imam rabbi king queen prince"
    " princess chancellor ambassador director chairman chairwoman chair chairperson head"
    " leader spokesman spokeswoman spokesperson reporter correspondent analyst coach manager"
    " deputy finance foreign interior defense defence health labour labor justice education"
    " agriculture trade energy environment union opposition party executive officer founder"
    " owner author lawyer attorney prosecutor farmer teacher student nurse economist scientist"
    " researcher activist journalist editor writer"
)
_ORGANISATIONS = _words(
    "house bank union party ministry council watch university college school times news"
    " agency reuters press group institute center centre office court department nations"
    " states kingdom republic korea africa america asia europe zealand arabia guinea leone"
    " lanka rica salvador army navy force forces police committee commission company"
    " corporation corp inc ltd association federation international foundation fund society"
    " club radio television network street city county island islands river lake sea ocean"
    " valley mountain mountains war day world north south east west new united saint san los"
    " las el la washington london moscow paris beijing cup games league congress parliament"
    " senate assembly embassy church hospital airport amnesty"
)

ATTRIBUTION: dict[str, Attribution] = {
    "en": Attribution(
        verbs=_words(
            "said says tells told adds added agrees agreed disagrees disagreed answers"
            " answered replies replied explains explained warns warned notes noted argues"
            " argued recalls recalled insists insisted declares declared states stated asks"
            " asked admits admitted claims claimed complains complained concludes concluded"
            " continues continued remembers remembered observes observed remarks remarked"
            " responds responded suggests suggested"
        ),
        pronouns=_words("he she"),
        on_behalf=_words("for of by from with about to against and or than behind like the late"),
        going_on=_words(
            "in on at to during after before as while when last this from outside inside near with"
        ),
        titles=_OFFICES,
        not_people=_ORGANISATIONS,
    ),
    "fr": Attribution(
        verbs=_words(
            "dit déclare affirme explique ajoute assure raconte répond précise estime"
            " souligne rappelle confie observe note regrette prévient demande insiste conclut"
            " poursuit"
        ),
        pronouns=_words("il elle"),
        on_behalf=_words("pour de du des d' par avec contre et ou que le la les l'"),
        going_on=_words("à au aux dans en sur lors après avant lundi mardi mercredi jeudi"),
        titles=_OFFICES
        | _words("m mme monsieur madame docteur président présidente ministre maire"),
        not_people=_ORGANISATIONS | _words("unies unis banque ministère conseil université le la"),
    ),
    "es": Attribution(
        verbs=_words(
            "dijo dice afirmó afirma explicó explica añadió añade aseguró asegura contó"
            " cuenta respondió responde señaló señala declaró declara recordó recuerda comentó"
            " comenta agregó agrega advirtió advierte sostuvo insistió"
        ),
        pronouns=_words("él ella"),
        on_behalf=_words("para por de del con contra y o que la los las a al"),
        going_on=_words("en a al durante tras después antes este esta el"),
        titles=_OFFICES
        | _words("señor señora don doña doctor doctora presidente presidenta ministro ministra"),
        not_people=_ORGANISATIONS | _words("unidas unidos banco ministerio consejo universidad"),
    ),
}
"""By primary language subtag."""
