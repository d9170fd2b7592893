"""Runs the stages in their order: from a source to captions, or to what is known of its media.

steps.py          one source to its captions: page, media, audio, words, cues; reads aloud
options.py        the options of captioning
state.py          what the steps hand on from one to the next
source.py         the pages of sources
recordings.py     the recordings of an article: finding, download, state
channels.py       chooses the channel with the speech where two have different sound
recognition.py    speech recognition of one recording, with the article as a draft
resources.py      what articles share: connections, rate limits, the recogniser
streaming.py      recognises a recording while the rest of it is still being decoded
align_step.py     matching, timing and cues, for a transcript and its article
incremental.py    cues while recognition goes on (``--follow``)
captioner.py      holds a recogniser for many calls and threads: the Python API
check/            one source, or lists of them, to what is known of its media: no recognition
audit/            compares captions that exist already with their recording
diagnosis.py      turns an error into the status, state and reason that all commands report
progress.py       reports progress, and stops the work when asked to
source_lists/     reads lists of sources: text, CSV, JSON, feeds and sitemaps
benchmark/        measures the speech models on this machine
"""
