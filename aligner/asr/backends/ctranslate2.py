"""Whisper on CTranslate2, through faster-whisper; 8-bit on the CPU. Nothing else uses the two."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner._util import machine, malloc
from aligner._util.concurrency import core_setting
from aligner._util.telemetry import silence_huggingface_hub
from aligner.asr.backends import gpu_probe
from aligner.asr.base import Device, EngineSpec
from aligner.asr.models import ct2_format
from aligner.asr.models.ct2_to_openai import dimensions
from aligner.asr.onnx import encoder as onnx_encoder
from aligner.asr.onnx.encoder import OnnxEncoder
from aligner.asr.whisper.engine import WhisperEngine
from aligner.asr.whisper.halving import in_halves
from aligner.asr.whisper.model import (
    ENCODER_FRAME_MS,
    MAX_TEXT_TOKENS,
    MIN_PROBABILITY,
    WINDOW_SAMPLES,
    DecodeOptions,
    DecodingResult,
    EncoderOutput,
    PartialHypothesis,
    TokenScores,
)
from aligner.asr.whisper.streams import DecoderShape, MachineRoom, stream_count
from aligner.asr.whisper.tokenizer_patch import with_first_merge
from aligner.asr.whisper.word_timestamps import APPENDED, PREPENDED, WordTiming
from aligner.errors import EngineUnavailable, OutputError
from aligner.types import EngineInfo, ModelFiles

log = logging.getLogger(__name__)

GPU_STREAMS = 4
"""Threads that use a GPU at the same time, so that it has work while others compute in Python."""
PASSAGE_BEAM = 2
"""Beam size for a short passage decoded by itself."""
NO_REPEATS = 4
"""Length of the n-grams that the second attempt may not repeat."""
MEDIAN_WIDTH = 3
"""Steps of 20 ms over which attention is median-filtered. openai-whisper's 7 take two fifths of the
time to score a window and give the same word times: 68.0 and 68.1 % within 50 ms, in seven
recordings."""
UNTIMED = 2
"""Frames given to the alignment where only probabilities are needed: a fifth less work."""
SHORTEST = 20 * 16_000
"""Samples to which short sounds are padded: from one sentence with a second of silence the decoder
has made twenty."""
HOP = 160
"""Samples per spectrogram frame."""
SILENCE = 16_000
"""Samples (1 s) of silence after the sound. The encoder takes windows of any length; the decoder
repeats itself where a window ends with the speech. In ten recordings with 1,900 words one second of
silence gave no more errors than padding to 30 s."""


class Ctranslate2(WhisperEngine):
    """See ``WhisperEngine``.

    CTranslate2 takes no seed per call, so sampling would not be reproducible. The second attempt
    uses a wider beam instead, and bars repeated phrases. A beam of 5 takes a quarter more processor
    time than greedy search; over 14 minutes of real speech (1661 words) it made 180 errors, greedy
    search 188.
    """

    attempts = 2
    default_beam_size = 5
    batch_size = 4
    run_length = 8

    def __init__(self, weights: ModelFiles, device: Device = "auto") -> None:
        self._model, self._encoder, self.streams = _loaded(weights, device)
        self.info = EngineInfo("ctranslate2", weights.name, version("ctranslate2"), weights.sha256)
        if weights.attention_lag_ms is not None:
            self.attention_lag_ms = weights.attention_lag_ms
        self.languages = _languages(self._model)
        self._spoken: dict[int, bool] = {}
        self._trimmer = malloc.MallocTrimmer()

    def encode(
        self, sounds: Sequence[NDArray[np.float32]], *, tight: bool = False
    ) -> list[EncoderOutput]:
        """See ``WhisperEngine``. The features are numpy arrays of shape (1, n, width)."""
        frames = [-(-len(sound) // HOP) for sound in sounds]
        least = SHORTEST if tight else WINDOW_SAMPLES
        lengths = (max(len(sound) + SILENCE, least) for sound in sounds)
        mels = [self._mel(sound, length) for sound, length in zip(sounds, lengths, strict=True)]
        if tight or self._model.model.device == "cpu":  # several at once take longer, and memory
            each = [self._features(mel) for mel in mels]
        else:
            each = in_halves(self._encoded_together, mels)
        return [EncoderOutput(part, count) for part, count in zip(each, frames, strict=True)]

    def _encoded_together(self, mels: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return np.split(_array(self._model.encode(np.stack(mels))), len(mels))

    def _features(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encodes one spectrogram."""
        self._trimmer.trim_if_grown()
        if self._encoder:
            return self._encoder(mel)
        return _array(self._model.encode(mel[None]))

    def _mel(self, sound: NDArray[np.float32], length: int) -> NDArray[np.float32]:
        """Returns the log-mel spectrogram, shape (mels, n), of a sound padded with silence."""
        length = min(length, WINDOW_SAMPLES)
        padded = np.pad(sound, (0, length - len(sound)))
        mel: NDArray[np.float32] = self._model.feature_extractor(padded, padding=HOP)
        return mel[:, : length // (2 * HOP) * 2]

    def detect_language(self, encoded: Sequence[EncoderOutput]) -> list[dict[str, float]]:
        """See ``WhisperEngine``."""
        found = self._model.model.detect_language(_batch(encoded))
        return [{token[2:-2]: chance for token, chance in window} for window in found]

    def decode(
        self, encoded: Sequence[EncoderOutput], language: str, options: DecodeOptions
    ) -> list[DecodingResult]:
        """See ``WhisperEngine``."""
        return in_halves(partial(self._decode, language=language, options=options), encoded)

    def _decode(
        self, encoded: Sequence[EncoderOutput], language: str, options: DecodeOptions
    ) -> list[DecodingResult]:
        """Decodes windows as one batch."""
        self._trimmer.trim_if_grown()
        tokenizer = self._tokenizer(language)
        prompt = [
            *tokenizer.sot_sequence,
            *(() if options.timestamps else (tokenizer.no_timestamps,)),
        ]
        results = self._model.model.generate(
            _batch(encoded),
            [prompt] * len(encoded),
            beam_size=options.beam_size * (2 if options.attempt else 1),
            no_repeat_ngram_size=NO_REPEATS if options.attempt else 0,
            max_length=len(prompt) + MAX_TEXT_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=_suppressed(tokenizer),
        )
        return [_decoding_result(result, tokenizer) for result in results]

    def align(
        self, encoded: Sequence[EncoderOutput], language: str, texts: Sequence[tuple[int, ...]]
    ) -> list[list[WordTiming]]:
        """See ``WhisperEngine``."""
        from faster_whisper.transcribe import merge_punctuations

        found = self._model.find_alignment(
            self._tokenizer(language),
            [list(text) for text in texts],
            _batch(encoded),
            [window.frames for window in encoded],
            median_filter_width=MEDIAN_WIDTH,
        )
        for words in found:
            merge_punctuations(words, PREPENDED, APPENDED)
        return [
            [
                WordTiming(w["word"], w["start"], w["end"], w["probability"])
                for w in words
                if w["word"]
            ]
            for words in found
        ]

    def log_probabilities(
        self, encoded: EncoderOutput, language: str, texts: Sequence[str]
    ) -> list[float]:
        """See ``WhisperEngine``."""
        self._trimmer.trim_if_grown()
        tokens = [list(self.tokenize(text)) for text in texts]
        found = self._model.model.align(
            _batch([encoded] * len(texts)),
            self._tokenizer(language).sot_sequence,
            tokens,
            [UNTIMED] * len(texts),
        )
        return [float(np.log(np.maximum(r.text_token_probs, MIN_PROBABILITY)).sum()) for r in found]

    def tokenize(self, text: str) -> tuple[int, ...]:
        """See ``WhisperEngine``."""
        return tuple(self._model.hf_tokenizer.encode(text, add_special_tokens=False).ids)

    def score_tokens(
        self, encoded: EncoderOutput, language: str, text: Sequence[int]
    ) -> TokenScores:
        """See ``WhisperEngine``."""
        self._trimmer.trim_if_grown()
        tokenizer = self._tokenizer(language)
        length = encoded.features.shape[1]
        (found,) = self._model.model.align(
            _batch([encoded]),
            tokenizer.sot_sequence,
            [list(text)],
            [2 * length],
            median_filter_width=MEDIAN_WIDTH,
        )
        logs = np.log(np.maximum(found.text_token_probs, MIN_PROBABILITY))
        starts = [length * ENCODER_FRAME_MS] * (len(text) + 1)
        for at, frame in reversed(found.alignments):
            starts[at] = frame * ENCODER_FRAME_MS
        spoken = [self._is_spoken(token) for token in text]
        weights = tuple(float(x) if y else 0.0 for x, y in zip(logs, spoken, strict=True))
        return TokenScores(weights, tuple(starts))

    def decode_parts(
        self,
        encoded: Sequence[EncoderOutput],
        language: str,
        before: Sequence[Sequence[int]],
        most: int,
    ) -> list[PartialHypothesis]:
        """See ``WhisperEngine``. CTranslate2 allows half of ``max_length`` for text."""
        self._trimmer.trim_if_grown()
        tokenizer = self._tokenizer(language)
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        found = self._model.model.generate(
            _batch(encoded),
            [[*start, *tokens] for tokens in before],
            beam_size=PASSAGE_BEAM,
            max_length=2 * (max(map(len, before)) + most),
            return_scores=True,
            suppress_tokens=_suppressed(tokenizer),
        )
        passages = []
        for result, tokens in zip(found, before, strict=True):
            after = [t for t in result.sequences_ids[0][len(tokens) :] if t < tokenizer.eot]
            log = result.scores[0] * max(1, len(after))  # the score is the mean
            passages.append(PartialHypothesis(tokenizer.decode(after), len(after) < most, log))
        return passages

    def _is_spoken(self, token: int) -> bool:
        """Whether a token holds letters or digits, or a part of one."""
        if token not in self._spoken:
            text = self._model.hf_tokenizer.decode([token])
            self._spoken[token] = any(c.isalnum() or c == "\ufffd" for c in text)
        return self._spoken[token]

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        multilingual = self._model.model.is_multilingual
        return Tokenizer(self._model.hf_tokenizer, multilingual, "transcribe", language)


def gpu_count() -> int:
    """Returns the number of GPUs that CUDA finds."""
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def _loaded(weights: ModelFiles, device: Device) -> tuple[Any, OnnxEncoder | None, int]:
    """Returns the model, the encoder used in place of its own, and the number of threads.

    On the processor the model computes in 8 bits with one core per thread; on a GPU in 16 bits, or
    in 8 if that fails.
    Raises EngineUnavailable.
    """
    found = device != "cpu" and gpu_count() > 0
    if device == "cuda" and not found:
        raise EngineUnavailable("ctranslate2", "no GPU that CUDA can use; give --device cpu")
    if found:
        try:
            kind = gpu_probe.usable_kind(weights.path)
            return _model(weights.path, "cuda", GPU_STREAMS, kind), None, GPU_STREAMS
        except EngineUnavailable:
            if device == "cuda":
                raise
            log.warning("the GPU cannot be used; computing on the processor", exc_info=True)
    streams = _stream_count(weights.path)
    model, encoder = _in_8_bits(weights, streams)
    # Only after loading: with trimming disabled before, 130 MB that loading frees would be kept.
    # With trimming, page faults take a quarter of the time for windows of 25 to 30 s.
    malloc.disable_trim()
    return model, encoder, streams


def _stream_count(folder: Path) -> int:
    """Returns how many runs are decoded at the same time on this machine.

    As many as OMP_NUM_THREADS says, or as the cores and the memory that is free allow.
    """
    if setting := core_setting():
        return setting
    room = MachineRoom(machine.usable_cores(), machine.physical_cores(), machine.free_memory())
    try:
        sizes = dimensions(ct2_format.read_any(folder / "model.bin").resolved)
    except (EngineUnavailable, KeyError, IndexError):  # loading it says what is wrong
        return room.cores
    shape = DecoderShape(sizes["n_text_layer"], sizes["n_text_state"], sizes["n_audio_ctx"])
    size = (folder / "model.bin").stat().st_size
    found = stream_count(room, shape.stream_bytes(Ctranslate2.batch_size), size)
    log.info("decoding %d runs at the same time: %s", found, room)
    return found


def _in_8_bits(weights: ModelFiles, streams: int) -> tuple[Any, OnnxEncoder | None]:
    """Returns the model on the processor and the encoder used in place of its own, if supported.

    Raises EngineUnavailable.
    """
    if weights.quantize and onnx_encoder.is_supported():
        try:
            folder = weights.quantize(False)
            try:
                return _from_quantized(folder, streams)
            except EngineUnavailable as error:  # damaged since it was made
                log.warning("%s; creating it again", error)
                return _from_quantized(weights.quantize(True), streams)
        except (EngineUnavailable, OutputError) as error:
            log.warning("using the slower encoder of CTranslate2: %s", error)
    return _model(weights.path, "cpu", streams), None


def _from_quantized(folder: Path, streams: int) -> tuple[Any, OnnxEncoder]:
    """Loads the decoder and the ONNX encoder of a quantised model. Raises EngineUnavailable."""
    return _model(folder, "cpu", streams), OnnxEncoder(folder / "encoder.onnx", streams)


def _model(folder: Path, device: str, streams: int, kind: str = "int8") -> Any:
    """Loads the model on a device and tests it; ``kind``: what it computes in.

    Raises EngineUnavailable.
    """
    silence_huggingface_hub()
    from faster_whisper import WhisperModel

    try:
        model = WhisperModel(
            str(folder), device=device, compute_type=kind, cpu_threads=1, num_workers=streams
        )
        if device != "cpu":  # missing CUDA libraries raise an error only here
            model.encode(np.zeros((model.feature_extractor.mel_filters.shape[0], 2), np.float32))
    except Exception as error:  # tokenizers raises the class itself
        raise EngineUnavailable("ctranslate2", f"{folder} cannot be loaded: {error}") from error
    if len(model.hf_tokenizer.encode(" the", add_special_tokens=False).ids) > 1:
        text = with_first_merge(model.hf_tokenizer.to_str())
        model.hf_tokenizer = type(model.hf_tokenizer).from_str(text)
    return model


def _languages(model: Any) -> tuple[str, ...]:
    """Returns the codes of the languages in a model's vocabulary."""
    known = model.hf_tokenizer.token_to_id
    return tuple(code for code in model.supported_languages if known(f"<|{code}|>") is not None)


def _array(view: Any) -> NDArray[np.float32]:
    """Converts an array of CTranslate2, on any device, to numpy."""
    import ctranslate2

    if view.device != "cpu":
        view = view.to(ctranslate2.DataType.float32).to_device(ctranslate2.Device.cpu)
    return np.asarray(view)


def _batch(encoded: Sequence[EncoderOutput]) -> Any:
    """Returns windows as one batch, in CTranslate2's array type."""
    import ctranslate2

    batch = np.concatenate([window.features for window in encoded])
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(batch))


def _suppressed(tokenizer: Any) -> list[int]:
    """Returns the tokens that are not text of speech: sound marks and control tokens."""
    from faster_whisper.transcribe import get_suppressed_tokens

    return list(get_suppressed_tokens(tokenizer, [-1]))


def _decoding_result(result: Any, tokenizer: Any) -> DecodingResult:
    tokens = tuple(t for t in result.sequences_ids[0] if t < tokenizer.eot)
    # CTranslate2's score is the mean over the tokens; openai-whisper counts the end mark too.
    avg_logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
    text = tokenizer.decode(list(tokens)).strip()
    return DecodingResult(tokens, text, avg_logprob, result.no_speech_prob)


SPEC = EngineSpec("faster_whisper", "ctranslate2", Ctranslate2)
