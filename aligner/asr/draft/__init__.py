"""Speculative decoding: the article is the draft of the transcript that the recogniser verifies.

index.py          indexes the draft, and finds the position of decoded words in it
decoder.py        decodes the windows of a recording with the draft
context.py        holds what the windows share: the model, the draft and the position in it
window.py         decodes one window with the draft
verification.py   finds the low-confidence spans of a scored text
redecode.py       decodes passages of several windows together
revision.py       replaces low-confidence spans of a text by decoded words
"""
