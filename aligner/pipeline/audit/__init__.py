"""Compares captions that exist already with their recording.

caption_text.py   the words of a caption file that are spoken, cue by cue
hearing.py        recognises the recording, and matches its words with those of the cues
cue_times.py      when each cue's words are spoken, and the clock of the file
word_errors.py    the words of captions that the sound denies, and those that they lack
article_check.py  names, numbers and negations that differ from the article
findings.py       the types of what an audit finds
judge.py          the findings on one file, and the verdict
tasks.py          what is audited: a file with its recording, or a page's own captions
as_json.py        the JSON object of a result
store.py          stores results for later runs
retime.py         new times for the cues of a file
"""
