"""Puts the article and the speech together, in text and in time.

matching/   aligns the article with the transcript and chooses the words to show
acoustic/   finds the exact time of each shown word in the sound
"""
