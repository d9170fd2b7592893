"""English as written and as said."""

import pytest
from readings import spoken_ways

from aligner import languages

ENGLISH = languages.get("en-US")


def said(text: str) -> str:
    return " ".join(a.text for a in ENGLISH.say([w.text for w in ENGLISH.split(text)]))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("over 250,000 people.", "over two hundred fifty thousand people"),
        ("the 60-nation coalition", "the sixty nation coalition"),
        ("$4.7 billion budget", "four point seven billion dollars budget"),
        ("£1.3bn", "one point three billion pounds"),
        ("$5", "five dollars"),
        ("fell to 5.4%.", "fell to five point four percent"),
        ("five per cent", "five per cent"),
        ("in 2015,", "in twenty fifteen"),
        ("in 2009", "in two thousand nine"),
        ("the 1990s", "the nineteen nineties"),
        ("1,998 votes", "one thousand nine hundred ninety eight votes"),
        ("3:17 p.m.", "three seventeen pm"),
        ("9:05", "nine o five"),
        ("the 15th time", "the fifteenth time"),
        ("Dr. Kwame Boateng", "doctor kwame boateng"),
        ("Gen. Salif", "general salif"),
        ("a gen of", "a gen of"),
        ("U.N. Secretary-General", "un secretary general"),
        ("“Assad…is somebody”", "assad is somebody"),
        ("Research & Development", "research and development"),
        ("war — which", "war which"),
        ("Antonio António", "antonio antonio"),
        ("the States’ concern", "the states concern"),
        ("55 to 38,", "fifty five to thirty eight"),
    ],
)
def test_written_as_said(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    "spelling",
    ["September 15", "September 15th", "September fifteenth", "September fifteen", "Sept. 15"],
)
def test_a_day_after_its_month_is_one_however_spelt(spelling: str) -> None:
    assert said(spelling) == "september fifteen"


@pytest.mark.parametrize("spelling", ["March 23", "March twenty-third", "March 23rd"])
def test_a_compound_day(spelling: str) -> None:
    assert said(spelling) == "march twenty three"


def test_every_atom_knows_its_word() -> None:
    atoms = ENGLISH.say(["$4.7", "billion", "more"])
    assert [(a.text, a.word) for a in atoms[2:]] == [
        ("seven", 0),
        ("billion", 1),
        ("dollars", 1),
        ("more", 2),
    ]


def test_fifteen_is_not_fifty() -> None:
    assert said("15") != said("50")


@pytest.mark.parametrize(
    ("written", "ways"),
    [
        # numbers
        ("2254", ["two thousand two hundred fifty four", "twenty two fifty four"]),
        ("250,000", ["two hundred fifty thousand", "two hundred and fifty thousand"]),
        ("1.3", ["one point three"]),
        ("911", ["nine hundred eleven", "nine eleven", "nine one one"]),
        ("1500", ["fifteen hundred", "one thousand five hundred"]),
        ("007", ["zero zero seven", "o o seven"]),
        ("10-15", ["ten fifteen", "ten to fifteen"]),
        ("-5 °C", ["minus five degrees celsius", "five degrees"]),
        ("1/2", ["half", "one half", "a half"]),
        ("3/5", ["three fifths", "three out of five"]),
        ("½", ["half"]),
        # years, days, times
        ("2015", ["twenty fifteen", "two thousand fifteen", "two thousand and fifteen"]),
        ("1905", ["nineteen o five", "nineteen oh five"]),
        ("September 15", ["september fifteen", "september fifteenth", "september the fifteenth"]),
        ("15 September", ["fifteen september", "the fifteenth of september"]),
        ("9/11", ["nine eleven", "september eleventh"]),
        ("9/11/2001", ["nine eleven two thousand one", "september eleven two thousand one"]),
        ("24/7", ["twenty four seven"]),
        ("3:17 p.m.", ["three seventeen pm", "seventeen minutes past three pm"]),
        ("9:00", ["nine", "nine oclock"]),
        # money and measures
        ("$1.3bn", ["one point three billion dollars"]),
        ("$1.3 billion", ["one point three billion dollars"]),
        ("$4.50", ["four dollars fifty cents", "four dollars and fifty cents", "four fifty"]),
        ("US$5", ["five u s dollars", "five dollars"]),
        ("5%", ["five percent", "five per cent"]),
        ("a 20km race", ["a twenty kilometers race", "a twenty kilometer race"]),
        ("90 km/h", ["ninety kilometers per hour", "ninety kilometers an hour"]),
        ("70 mph", ["seventy miles per hour", "seventy miles an hour"]),
        ("5m people", ["five million people", "five meters people"]),
        # ranks
        ("the 3rd", ["the third"]),
        ("Elizabeth II", ["elizabeth the second", "elizabeth second", "elizabeth ii"]),
        ("World War II", ["world war two", "world war ii"]),
        ("chapter IV", ["chapter four"]),
        ("Malcolm X", ["malcolm x"]),
        ("I came", ["i came"]),
        # short forms and signs
        ("Sen. Rand Paul", ["senator rand paul"]),
        ("the U.N. said", ["the un said", "the united nations said"]),
        ("the US and us", ["the us and us", "the united states and us"]),
        ("NATO and ISIL", ["nato and isil"]),
        ("e.g. this", ["e g this", "for example this", "eg this"]),
        ("Russia vs. Syria", ["russia versus syria"]),
        ("No. 1", ["number one"]),
        ("No.1", ["number one"]),
        ("3:17pm", ["three seventeen pm"]),
        ("5pm", ["five pm"]),
        ("the end.It was", ["the end it was"]),
        ("#1", ["number one"]),
        ("He said no. 5 left", ["he said number five left"]),
        ("St. Paul", ["saint paul", "street paul"]),
        ("Tampa, Fla.", ["tampa florida"]),
        ("§ 5 & more", ["section five and more"]),
        ("G20", ["g20", "g twenty"]),
        ("R&D", ["r and d", "rd"]),
        ("COVID-19", ["covid nineteen"]),
        ("the Joneses’ car", ["the joneses car"]),
        ("voanews.com", ["voanews dot com"]),
        ("https://www.voanews.com/a", ["voanews dot com", "www dot voanews dot com slash a"]),
        ("@BarackObama", ["barackobama", "barack obama", "at barack obama"]),
        ("#MeToo", ["metoo", "me too", "hashtag me too"]),
        ("someone@site.org", ["someone at site dot org"]),
        ("don’t", ["dont"]),
        ("the colour of labour", ["the color of labor"]),
    ],
)
def test_every_way_to_say_it_is_known(written: str, ways: list[str]) -> None:
    known = spoken_ways("en", written)
    assert set(ways) <= known
    assert said(written) in known


def test_what_nobody_says_is_not_known() -> None:
    assert "fifteen" not in spoken_ways("en", "50")
    assert spoken_ways("en", "the cat") == {"the cat"}


@pytest.mark.parametrize(
    "text",
    ["$ 5 million", "five per cent", "No. 10 – 12", "US$ 5", "10 000 °C", "Dr. J. R. Smith Jr."],
)
def test_every_printed_word_has_its_share(text: str) -> None:
    words = text.split()
    for group in ENGLISH.read(words):
        owners = [{atom.word for atom in reading} for reading in group.readings if reading]
        assert all(one == owners[0] for one in owners)
    shared = {atom.word for atom in ENGLISH.say(words)}
    assert shared == {k for k, word in enumerate(words) if word != "–"}
