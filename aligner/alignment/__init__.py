"""Aligns the article with the speech: first their words, then the words with the sound.

matching/   aligns the article with the transcript and chooses the words to show
acoustic/   refines the time of each caption word by forced alignment
"""
