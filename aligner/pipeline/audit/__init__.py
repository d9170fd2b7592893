"""Compares captions that exist already with their recording.

caption_text.py   the words of a caption file that are spoken, cue by cue
hearing.py        recognises the recording, and matches its words with those of the cues
cue_times.py      when each cue's words are spoken, and the clock of the file
retime.py         new times for the cues of a file
"""
