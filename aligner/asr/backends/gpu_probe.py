"""Tries a model on the GPU in a process of its own before it is used there.

Where a CUDA library (cuDNN, cuBLAS) is missing or does not fit, CTranslate2 aborts the process that
computes. Here that ends a process of its own and becomes a reason. Some GPUs lack 16-bit numbers,
or the memory for them: 8-bit ones are tried next.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from aligner._util.telemetry import silence_huggingface_hub
from aligner.errors import EngineUnavailable

KINDS = ("float16", "int8")
"""CTranslate2's types to compute in, the first choice first."""
LIMIT_S = 300.0
"""CUDA may compile its programs at the first use on a machine, which takes minutes."""
COMMAND = (sys.executable, "-m", "aligner.asr.backends.gpu_probe")
FRAMES = 3000
"""Of a whole window's spectrogram, 10 ms each."""


def usable_kind(folder: Path, command: Sequence[str] = COMMAND) -> str:
    """Returns the first type in which the GPU encodes and decodes a window with a model.

    ``command`` gets the folder and a type. Raises EngineUnavailable with all reasons for none.
    """
    reasons = []
    for kind in KINDS:
        why = _why_not(folder, kind, command)
        if why is None:
            return kind
        reasons.append(f"{kind}: {why}")
    raise EngineUnavailable("ctranslate2", f"the GPU cannot be used ({'; '.join(reasons)})")


def _why_not(folder: Path, kind: str, command: Sequence[str]) -> str | None:
    """Returns why a trial failed; None if it succeeded."""
    try:
        ran = subprocess.run(
            [*command, str(folder), kind], capture_output=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {LIMIT_S:.0f} s"
    if ran.returncode == 0:
        return None
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    last = said[-1] if said else "no message"
    if ran.returncode < 0:
        name = signal.Signals(-ran.returncode).name
        return f"the trial was ended by {name}; perhaps a CUDA library is missing: {last}"
    return last


def main(folder: str, kind: str) -> None:
    """Encode and decode a silent window on the GPU. Raises what the libraries raise."""
    silence_huggingface_hub()
    import numpy as np
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

    model = WhisperModel(folder, device="cuda", compute_type=kind)
    mels = model.feature_extractor.mel_filters.shape[0]
    features = model.encode(np.zeros((mels, FRAMES), np.float32))
    multilingual = model.model.is_multilingual
    prompt = Tokenizer(model.hf_tokenizer, multilingual, "transcribe", "en").sot_sequence
    model.model.generate(features, [list(prompt)], max_length=len(prompt) + 4)


if __name__ == "__main__":
    main(*sys.argv[1:])
