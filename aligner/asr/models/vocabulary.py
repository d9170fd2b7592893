"""The vocabulary of a Whisper model, and the tokenizer made from it.

A token's text is in GPT-2's alphabet, in which a character stands for a byte (U+0120 for a space).
The vocabulary lists text tokens in the order of their merges, then control tokens, then time
stamps. So the merges of its byte-pair encoding follow from it (as in tiktoken, whose files hold
ranks alone), and no ``tokenizer.json`` is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from aligner._util import strict_json
from aligner.asr.models import base, catalog
from aligner.asr.whisper.tokenizer_patch import FIRST

TOKENIZER = "tokenizer.json"
"""The file of the tokenizers package that holds a vocabulary, its merges and its control tokens."""
FILES = ("vocabulary.json", "vocabulary.txt")
END, START, NO_STAMPS, FIRST_STAMP = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|notimestamps|>",
    "<|0.00|>",
)
TASKS = ("<|transcribe|>", "<|translate|>")
STAMPS = tuple(f"<|{step * 0.02:.2f}|>" for step in range(1501))
"""The time stamps of a window, each 20 ms."""
PUBLISHED = ENGLISH, MULTILINGUAL, WITH_CANTONESE = 51_864, 51_865, 51_866
"""Sizes of the published vocabularies; the last one has Cantonese after the other languages."""
LAST_LANGUAGE, CANTONESE = "<|su|>", "<|yue|>"


def read(folder: Path) -> list[str]:
    """Returns the tokens of a folder's vocabulary file; none if there is none that can be read."""
    for name in FILES:
        try:
            data = (folder / name).read_bytes()
            found = strict_json.read(data) if name.endswith("json") else _lines(data)
        except (OSError, ValueError):
            continue
        if isinstance(found, list) and all(isinstance(token, str) for token in found):
            return found
    return []


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8").removesuffix("\n").split("\n")


def of_tokenizer(path: Path) -> list[str]:
    """Returns the tokens of a tokenizer.json, by number; none if it cannot be read."""
    from tokenizers import Tokenizer

    try:
        return _by_number(Tokenizer.from_file(str(path)).get_vocab(with_added_tokens=True))
    except Exception:  # the package raises Exception itself
        return []


def of_transformers(folder: Path) -> list[str]:
    """Returns the vocabulary of a model in transformers' form, with time stamps; none if none."""
    if tokens := of_tokenizer(folder / TOKENIZER):
        return _with_stamps(tokens)
    numbers: dict[str, int] = {}
    for name in ("vocab.json", "added_tokens.json"):
        found = base.read_json(folder / name)
        if isinstance(found, dict) and all(type(number) is int for number in found.values()):
            numbers |= found
    return _with_stamps(_by_number(numbers))


def _by_number(numbers: dict[str, int]) -> list[str]:
    """Returns tokens in the order of their numbers, with an empty text for a missing one."""
    tokens = {number: token for token, number in numbers.items()}
    return [tokens.get(number, "") for number in range(max(tokens, default=-1) + 1)]


def fits(tokens: Sequence[str], rows: int) -> bool:
    """Whether a vocabulary is one of Whisper's, for a decoder with so many tokens.

    A decoder may have more tokens: some trainers round their number up.
    """
    whispers = {END, START, NO_STAMPS, *TASKS} <= {*tokens}
    return whispers and (len(tokens) == rows or (len(tokens) < rows and rows not in PUBLISHED))


def is_multilingual(tokens: Sequence[str]) -> bool:
    """Whether a model with so many tokens takes a language; openai-whisper's rule."""
    return len(tokens) >= MULTILINGUAL


def substitutes(folder: Path, rows: int) -> Iterator[tuple[list[str], str]]:
    """Yields vocabularies for a decoder with ``rows`` tokens, each with its source in words."""
    if fits(tokens := _with_stamps(of_tokenizer(folder / TOKENIZER)), rows):
        yield tokens, f"that of its {TOKENIZER}"
    if tokens := _published(rows):
        yield tokens, "the published one of this size"


def _published(rows: int) -> list[str]:
    """Returns the published vocabulary of a size, if an installed package has it."""
    model = catalog.TINY_EN if rows == ENGLISH else catalog.BASE
    if rows not in {ENGLISH, MULTILINGUAL, WITH_CANTONESE} or not base.is_installed(model):
        return []
    folder = base.model_folder(model)
    if not base.is_complete(model, folder):
        base.assemble(model, folder)
    tokens = read(folder)
    if rows == WITH_CANTONESE:
        tokens.insert(tokens.index(LAST_LANGUAGE) + 1, CANTONESE)
    return tokens


def _with_stamps(tokens: list[str]) -> list[str]:
    """Returns a vocabulary with time stamps, which most of the published tokenizers lack."""
    return tokens if not tokens or FIRST_STAMP in tokens else [*tokens, *STAMPS]


def padded(tokens: Sequence[str], count: int) -> list[str]:
    """Returns a vocabulary of ``count`` tokens."""
    return [*tokens, *(f"<|padding_{at}|>" for at in range(len(tokens), count))]


def tokenizer(tokens: Sequence[str]) -> str:
    """Returns a tokenizer.json for a vocabulary that has Whisper's control tokens."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    texts = tokens[: tokens.index(END)]
    ranks = {text: rank for rank, text in enumerate(texts)}
    model = models.BPE(ranks, [m for text in texts if (m := _merge(text, ranks))])
    made = Tokenizer(model)
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    controls = tokens[len(texts) :]
    if FIRST_STAMP in controls:
        controls = controls[: controls.index(FIRST_STAMP)]
    made.add_special_tokens([AddedToken(text, special=True) for text in controls])
    return str(made.to_str())


def _merge(text: str, ranks: dict[str, int]) -> tuple[str, str] | None:
    """Returns the two tokens that merge to a token; None for a byte.

    They are what byte-pair encoding leaves of the token if only earlier merges are made.
    """
    parts = list(text)
    while len(parts) > len(FIRST):
        pairs = [ranks.get(a + b, len(ranks)) for a, b in pairwise(parts)]
        best = min(pairs)
        if best >= ranks[text]:
            return None
        at = pairs.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return (parts[0], parts[1]) if len(parts) == len(FIRST) else None


def in_bytes(text: str) -> str:
    """Returns ASCII text in the vocabulary's alphabet."""
    return text.replace(" ", FIRST[0])
