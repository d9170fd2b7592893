"""Reads sound from media files, finds the speech in it, and puts captions into videos.

decode.py          decodes a recording with PyAV
downmix.py         mixes channels to mono, also where they cancel each other
ffmpeg.py          finds and runs ffmpeg, and explains its errors; nothing else starts it
libav_decoder.py   a program that decodes an audio track with the libraries of PyAV
mux.py             adds captions to a video as a track, or draws them into its picture
parts.py           finds recordings that were joined to one file
vad/               finds speech, and cuts the recording into windows for the recogniser
"""
