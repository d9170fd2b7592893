"""Which tokens openai-whisper's decoder may give: text and times, whatever the weights prefer."""

from pathlib import Path

import numpy as np
import pytest

from aligner.asr.backends.openai_whisper import OpenaiWhisper
from aligner.asr.whisper.model import MAX_TEXT_TOKENS, DecodeOptions, EncoderOutput
from aligner.types import ModelFiles

whisper_model = pytest.importorskip("whisper.model")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning")

ROWS, STATE = 51_872, 8
"""Rows of a decoder for large-v3's 51,866 tokens with padding, and the width of its layers."""
HELLO, FRENCH, BEYOND = 15_947, 50_265, ROWS - 1


def checkpoint(preferred: int, folder: Path) -> Path:
    """Writes a tiny model that prefers one token at each step, and "Hello" after it."""
    sizes = whisper_model.ModelDimensions(80, 1500, STATE, 2, 1, ROWS, 448, STATE, 2, 1)
    model = whisper_model.Whisper(sizes)
    decoder = model.decoder
    with torch.no_grad():
        for weights in model.parameters():  # some are memory that was never written
            weights.zero_()
        decoder.ln.bias.fill_(1.0)
        decoder.token_embedding.weight[HELLO] = 1.0
        decoder.token_embedding.weight[preferred] = 2.0
    path = folder / "tiny.pt"
    torch.save({"dims": vars(sizes), "model_state_dict": model.state_dict()}, path)
    return path


@pytest.mark.parametrize("timestamps", [False, True])
@pytest.mark.parametrize("preferred", [FRENCH, BEYOND], ids=["language", "beyond the vocabulary"])
def test_only_text_is_decoded(preferred: int, timestamps: bool, tmp_path: Path) -> None:
    path = checkpoint(preferred, tmp_path)
    engine = OpenaiWhisper(ModelFiles("tiny", path, "openai"), "cpu")
    window = EncoderOutput(np.zeros((1, 1500, STATE), dtype=np.float32), 3000)
    options = DecodeOptions(attempt=0, beam_size=1, timestamps=timestamps)
    (found,) = engine.decode([window], "en", options)
    times = int(timestamps)  # one, at the beginning
    assert found.tokens == (HELLO,) * (MAX_TEXT_TOKENS - times)
    assert found.text == "Hello" * len(found.tokens)
