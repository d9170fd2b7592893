"""Speeds up recognition with the article: its text is the draft that the recogniser verifies.

index.py          prepares the article as a draft and finds the place of what was heard in it
decoder.py        follows the draft through a recording, window by window
verification.py   compares a window's text with the sound and lists the passages in doubt
redecode.py       decodes the passages in doubt again and puts the answers in place
"""
