"""The recognisers, one file each; the registry in ``aligner/asr/__init__.py`` lists them.

ctranslate2.py      Whisper through faster-whisper and CTranslate2, in 8 bits on a CPU
openai_whisper.py   OpenAI's own Whisper on PyTorch
recorded.py         a transcript read from a JSON file, for tests and replays
"""
