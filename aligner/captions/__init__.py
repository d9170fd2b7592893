"""Makes cues of timed words, writes them as files, and checks caption files.

segmentation/   divides the words into cues and lines, and decides when each cue is shown
cell_width.py   measures text in cells, the unit of line lengths and reading speeds
profiles.py     the limits of the captioning standards: speed, line length, gaps
formats/        writes a result as WebVTT, SRT, TTML, JSON and other formats, one file each
store/          puts a result's files in a folder, whole or not at all, and keeps corrections
lint/           validates caption files of any origin and repairs them
"""
