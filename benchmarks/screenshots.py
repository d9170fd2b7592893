"""Makes the screenshots of the sample's review page: light and dark, wide and narrow.

    python benchmarks/screenshots.py [--output docs/images]

Captions the sample with its recorded transcript, makes the page, and takes screenshots in Chromium
at a place where speech and article differ.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "samples" / "russia-and-assad"
NAME = "russia-and-assad"
ARGUMENTS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
SHOTS = (
    ("review-light", 1440, 900, "light", "Saudi Arabia"),
    ("review-dark", 1440, 900, "dark", "in the 16"),
    ("review-narrow", 390, 844, "light", None),
)
COLOURS = 255
"""Colours of a picture's palette, which reduces its size to a third."""


def make_page(folder: Path) -> Path:
    """Make the sample's page, as the command does."""
    for suffix in (".json", ".vtt"):
        shutil.copy(SAMPLE / "captions" / f"{NAME}{suffix}", folder)
    shutil.copy(SAMPLE / f"{NAME}.mp4", folder)
    command = [sys.executable, "-m", "aligner", "review", str(folder / f"{NAME}.json")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / f"{NAME}.html"


def smaller(path: Path) -> None:
    """Returns a picture with a palette instead of true colours."""
    from PIL import Image

    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="path of Chromium")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    options.output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        address = make_page(Path(folder)).as_uri()
        browser = playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        for name, width, height, scheme, place in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto(address)
            page.wait_for_timeout(1000)
            if place:
                page.locator(".issue", has_text=place).first.click()
                page.locator("#play").click()
                page.wait_for_timeout(600)
            path = options.output / f"{name}.png"
            page.screenshot(path=path)
            smaller(path)
            print(path, path.stat().st_size)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
