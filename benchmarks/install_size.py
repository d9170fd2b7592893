"""Prints the size of an installation on disk, by package.

    python benchmarks/install_size.py [ENVIRONMENT]

ENVIRONMENT is the folder of a virtual environment, by default that of this Python. Prints a table
in Markdown with the size of each package's files in MB (millions of bytes, without compiled
bytecode), largest first, and the packages that require it; then the sums. pip and setuptools, which
an environment may be created with, are not counted.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

SHOWN_MB = 1.0
"""Smaller packages are summed up in one line."""
ENVIRONMENTS_OWN = ("pip", "setuptools")


def main(arguments: list[str]) -> None:
    place = Path(arguments[0] if arguments else sys.prefix)
    found = installed(place)
    asked = askers(found)
    sizes = sorted(((size(one), name) for name, one in found.items()), reverse=True)
    print("| package | MB | asked for by |\n|---|---|---|")
    for mb, name in sizes:
        if mb >= SHOWN_MB:
            print(f"| {name} {found[name].version} | {mb:.1f} | {', '.join(asked[name]) or '-'} |")
    rest = [mb for mb, _ in sizes if mb < SHOWN_MB]
    print(f"| {len(rest)} others | {sum(rest):.1f} | |")
    print(f"\n{len(sizes)} packages, {sum(mb for mb, _ in sizes):.0f} MB")


def installed(place: Path) -> dict[str, Distribution]:
    """Returns the packages of an environment by name, without pip and setuptools."""
    folders = [str(path) for path in place.glob("lib/python*/site-packages")]
    found = {canonical(one.metadata["Name"]): one for one in distributions(path=folders)}
    return {name: one for name, one in found.items() if name not in ENVIRONMENTS_OWN}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def askers(found: dict[str, Distribution]) -> dict[str, list[str]]:
    """Returns for each package the packages that require it, without extras."""
    asked: dict[str, list[str]] = {name: [] for name in found}
    for name, one in found.items():
        for line in one.requires or ():
            required = re.match(r"[\w.-]+", line)
            if required and "extra ==" not in line and canonical(required[0]) in asked:
                asked[canonical(required[0])].append(name)
    return asked


def size(one: Distribution) -> float:
    """Returns the size of a package's files in MB."""
    paths = (Path(str(one.locate_file(file))) for file in one.files or ())
    sizes = (p.stat().st_size for p in paths if "__pycache__" not in p.parts and p.is_file())
    return sum(sizes) / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
