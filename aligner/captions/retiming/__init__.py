"""Gives the cues of a caption file new times, and leaves every other byte as it is.

To add a format: a module with a function ``parse(text, name)`` that returns an ``EditableFile``,
and an entry in ``files.PARSERS``.

base.py       the types: a file, its cues, and where its times stand
files.py      opens a file: its encoding and format
lines.py      WebVTT and SubRip
ttml.py       TTML, with its profiles IMSC, EBU-TT-D and DFXP
ass.py        Advanced SubStation Alpha
insertion.py  puts new cues into WebVTT and SubRip
out_times.py  when cues with given first words end, by a captioning profile
"""
