"""What languages are called, and which tags name one."""

import pytest

from aligner import languages


@pytest.mark.parametrize(
    ("tag", "name"),
    [("es", "Spanish"), ("en-US", "English"), ("zh_Hans", "Chinese"), ("uk", "Ukrainian"),
     ("qqx", "qqx")],
)  # fmt: skip
def test_names(tag: str, name: str) -> None:
    assert languages.name(tag) == name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("en-US", "en", True), ("nb", "no", True), ("es", "pt", False), ("ru", "uk", False)],
)
def test_tags_of_one_language_are_the_same(one: str, other: str, same: bool) -> None:
    assert languages.same(one, other) is same
