"""A page's tree."""

import pytest

from aligner.discovery.html import parse, text_of

MEDIA = '<video src="/clip.mp4"></video>'


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><p>One</p></body></html>{MEDIA}<p>Two</p>",
        f"<html><body><p>One</p></body>{MEDIA}<p>Two</p></html>",
        f"<html><body><p>One</p></BODY ></HTML>\n<html><body>{MEDIA}<p>Two</p></body></html>",
    ],
    ids=["after the page", "after the body", "two pages"],
)
def test_what_follows_the_end_of_a_page_belongs_to_it(page: str) -> None:
    tree = parse(page)
    assert [video.get("src") for video in tree.iter("video")] == ["/clip.mp4"]
    assert text_of(tree).replace(" ", "") == "OneTwo"


@pytest.mark.parametrize(
    ("item", "is_whole"), [("<p>a", False), (f"<p>{'The roads are open. ' * 8}</p>", True)]
)
def test_a_long_page_is_read_whole_unless_it_is_nothing_but_elements(
    item: str, is_whole: bool
) -> None:
    page = parse(f"<body>{item * 20_000}<p>The end</p>")
    assert text_of(page).endswith("The end") is is_whole
