"""Finds what a page holds: the article's text, and the recordings that belong to it.

article/           extracts the article from a page
sources/           finds the recordings that a page links, one file for each way
page_worker/       reads articles, recordings and feeds, of long pages in processes with limits
probe/             tries whether the address of a recording plays, without fetching all of it
dash_periods.py    divides a DASH manifest into periods
mp4_clock.py       moves the time stamps of MP4 fragments to the clock that a player shows
download.py        fetches a recording to the disk
ytdlp/             asks yt-dlp about players of known hosts
sitemap_crawl.py   lists the articles of a sitemap
documents.py       takes pages and texts that are in memory already
html.py            parses a page
site_messages.py   recognises login pages, consent walls and what else sites show instead
"""
