"""What all recognisers built as Whisper is have in common, whatever library computes them.

model.py             the interface of a Whisper model, which the backends implement
engine.py            a recogniser of this kind: its steps, and how it hears a recording
scheduler.py         the loop over the windows of a recording
encoder_cache.py     encodes each window once and keeps the result
word_timestamps.py   gives the words of a window their times in the recording
tokenizer_patch.py   adds the merges that the published tokenizer.json lacks
"""
