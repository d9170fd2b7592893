"""Compares Whisper's encoder in 8 bits: that of CTranslate2, and the ONNX graph in onnxruntime.

    python benchmarks/encoder.py RECORDING... [--model base]

For parts of 12 and 28 s of each recording, prints the seconds of one core for a window (the best of
three), and the difference of the output from that of the encoder in 32 bits (root mean square, as a
share of the output's own).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before anything counts the cores

import numpy as np
from faster_whisper import WhisperModel, decode_audio
from numpy.typing import NDArray

from aligner._util import malloc
from aligner._util.concurrency import cpu_count
from aligner.asr import models
from aligner.asr.models.quantized import ENCODER
from aligner.asr.onnx.encoder import OnnxEncoder, is_supported
from aligner.pipeline.state import require

RATE, HOP = 16_000, 160
PARTS_S = ((0, 28), (40, 12))
"""Start and length of each part."""
ROUNDS = 3

Mel = NDArray[np.float32]
Encode = Callable[[Mel], NDArray[np.float32]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--model", default="base")
    args = parser.parse_args()
    found = models.resolve(args.model, "ctranslate2")
    malloc.claim()
    malloc.disable_trim()
    whole = WhisperModel(str(found.path), device="cpu", compute_type="float32", cpu_threads=1)
    quick = WhisperModel(str(found.path), device="cpu", compute_type="int8", cpu_threads=1)
    graph = OnnxEncoder(require(found.quantize)(False) / ENCODER, cpu_count())
    contestants: dict[str, Encode] = {
        "CTranslate2, 8 bits": lambda mel: np.asarray(quick.encode(mel[None])),
        "onnxruntime, 8 bits": graph,
    }
    print(
        f"{args.model}; this processor {'suits' if is_supported() else 'does not suit'} "
        "onnxruntime's"
    )
    for start, length in PARTS_S:
        mels = [mel for path in args.recordings if len(mel := _mel(whole, path, start, length))]
        exact = [np.asarray(whole.encode(mel[None])) for mel in mels]
        for name, encode in contestants.items():
            seconds = sum(_best(encode, mel) for mel in mels) / len(mels)
            off = np.mean([_off(encode(mel), one) for mel, one in zip(mels, exact, strict=True)])
            print(f"{length:3} s, {len(mels)} windows, {name}: {seconds:.3f} s, off by {off:.1%}")


def _mel(model: WhisperModel, path: Path, start: int, length: int) -> Mel:
    """Returns the log-mel spectrogram of a part; empty if the recording is shorter."""
    part = decode_audio(str(path))[start * RATE : (start + length) * RATE]
    if len(part) < length * RATE:
        return np.zeros((0, 0), np.float32)
    mel: Mel = model.feature_extractor(part)
    return np.ascontiguousarray(mel[:, : length * RATE // HOP])


def _best(encode: Encode, mel: Mel) -> float:
    def one() -> float:
        start = time.process_time()
        encode(mel)
        return time.process_time() - start

    return min(one() for _ in range(ROUNDS))


def _off(found: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    return float(np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean()))


if __name__ == "__main__":
    main()
