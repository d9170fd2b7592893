"""The regular expressions of aligner, and texts that make one of them slow, made from its parts."""

from __future__ import annotations

import ast
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SEARCHES = ("search", "sub", "subn", "split", "findall", "finditer")
"""Methods that try a pattern at every place of a text."""
MANY = 500
"""A repeat that may be longer than this counts as one without end."""
SAMPLES = 'a 1<"=-/x;,.\n\t&é'
CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
Tree = list[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Used:
    """A pattern, and where it is."""

    where: str
    pattern: re.Pattern[str]
    is_searched: bool
    """Whether it is tried at every place of a text, or only at one."""


def used() -> Iterator[Used]:
    """Yields the patterns that are written in aligner's files, where they can be evaluated."""
    for path in sorted((ROOT / "aligner").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = _names(path)
        methods = _methods(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")):
                continue
            method = ast.unparse(node.func).removeprefix("re.")
            pattern = _pattern(node, names)
            if pattern is None or method not in (*SEARCHES, "compile", "match", "fullmatch"):
                continue
            name = _assigned(tree, node)
            called = methods.get(name, set(SEARCHES)) if method == "compile" else {method}
            where = f"{path.relative_to(ROOT).as_posix()}:{name or _function(tree, node)}"
            yield Used(where, pattern, not called.isdisjoint(SEARCHES))


def _names(path: Path) -> dict[str, Any]:
    """Returns the names of a module, which its patterns may contain."""
    import importlib

    parts = path.relative_to(ROOT).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if parts[-1] == "__main__":
        return {}
    try:
        return vars(importlib.import_module(module))
    except ImportError:  # of an extra that is not installed
        return {}


def _pattern(node: ast.Call, names: dict[str, Any]) -> re.Pattern[str] | None:
    """Returns the pattern that a call of ``re`` names; None if it is known only while it runs."""
    flags = [a for a in (*node.args[1:], *(k.value for k in node.keywords)) if _is_flag(a)]
    try:
        text = eval(ast.unparse(node.args[0]), dict(names))  # noqa: S307  our own source
        flag = eval(ast.unparse(flags[0]), {"re": re}) if flags else 0  # noqa: S307
    except Exception:  # a local name
        return None
    return re.compile(text, flag) if isinstance(text, str) else None


def _is_flag(node: ast.expr) -> bool:
    return ast.unparse(node).startswith("re.")


def _assigned(tree: ast.Module, call: ast.Call) -> str:
    """Returns the name of the constant that a call gives its value; "" if there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.value is call:
            return ast.unparse(node.targets[0])
    return ""


def _function(tree: ast.Module, call: ast.Call) -> str:
    """Returns the name of the innermost function around a call."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and call in ast.walk(node)
    ]
    return around[-1].name if around else ""


def _methods(tree: ast.Module) -> dict[str, set[str]]:
    """Returns by the name of a pattern the methods that its module calls."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


# ---------------------------------------------------------------- texts that a pattern is slow with


def attacks(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yields beginnings, each with a part to be repeated, that reach a repeat of the pattern."""
    seen = set()
    for before, part in _pumps(parser.parse(pattern.pattern, pattern.flags), ""):
        for made in ((before, part), ("", before + part), ("", f"{before}{part} "), (before, " ")):
            if made[1] and made not in seen:
                seen.add(made)
                yield made


def _pumps(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """Yields, for each repeat without end, a text that leads to it and one that it repeats."""
    for code, value in tree:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, most, inner = value
            if most is op.MAXREPEAT or most >= MANY:
                for choice in range(3):
                    if part := _example(inner, choice):
                        yield before, part
            yield from _pumps(inner, before)
            before += _example(inner) * least
            continue
        for part in _inner(code, value):
            yield from _pumps(part, before)
        before += _example([(code, value)])


def _inner(code: Any, value: Any) -> list[Any]:
    """Returns the patterns within a part of a pattern."""
    if code is op.SUBPATTERN:
        return [value[3]]
    if code is op.BRANCH:
        return list(value[1])
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if code is op.ATOMIC_GROUP else []


def _example(tree: Any, choice: int = 0) -> str:
    """Returns a short text that a pattern matches; ``choice`` of several."""
    made = ""
    for code, value in tree:
        if code is op.LITERAL:
            made += chr(value)
        elif code is op.NOT_LITERAL:
            made += "a" if value != ord("a") else "b"
        elif code is op.ANY:
            made += "a"
        elif code is op.IN:
            made += _member(value)
        elif code is op.BRANCH:
            made += _example(value[1][min(choice, len(value[1]) - 1)], choice)
        elif code is op.SUBPATTERN:
            made += _example(value[3], choice)
        elif code is op.ATOMIC_GROUP:
            made += _example(value, choice)
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            made += _example(value[2], choice) * value[0]
    return made


def _member(items: Tree) -> str:
    """Returns a character of a set."""
    negated = any(code is op.NEGATE for code, _ in items)
    given: list[str] = [chr(v[0] if code is op.RANGE else v) for code, v in items
             if code in (op.LITERAL, op.RANGE)]  # fmt: skip
    candidates: list[str] = [*([] if negated else given), *SAMPLES]
    for character in candidates:
        if _is_in(character, items) != negated:
            return character
    return "!"


def _is_in(character: str, items: Tree) -> bool:
    number = ord(character)
    return any(
        (code is op.LITERAL and value == number)
        or (code is op.RANGE and value[0] <= number <= value[1])
        or (code is op.CATEGORY and value in CATEGORIES and CATEGORIES[value](character))
        for code, value in items
    )
