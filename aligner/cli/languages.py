"""The options and help of `aligner languages`."""

from __future__ import annotations

import click

from aligner.cli import shared_options


@click.command()
@click.argument(
    "wanted", nargs=-1, metavar="[LANGUAGE]...", callback=shared_options.languages,
    shell_complete=shared_options.complete_language,
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each language.")
@shared_options.debug
def languages(wanted: tuple[str, ...], as_json: bool) -> int:
    """List the languages: what is recognised, how numbers are read and words are timed.

    A LANGUAGE is a tag such as sw, or a name such as Swahili; without one, all are listed.

    \b
    recognised  whether Whisper's multilingual models know the language; others are
                captioned where the article's sentences are found in the sound
    numbers     record: numbers, dates, money and abbreviations are compared as they are
                said; ICU: numbers are spelt out for timing
    timed by    how words get the phones by which they are timed: dictionary, orthography
                (rules of the language's spelling), syllables, characters (readings of Han
                characters), letters (their usual values)
    starts      mean error of word starts in milliseconds, where it is measured

    \b
    Examples:
      aligner languages
      aligner languages sw Czech
      aligner languages --json
      aligner caption story.html --media story.mp3 --language sw
    """
    from aligner.cli import languages_run

    return languages_run.show(wanted, as_json)
