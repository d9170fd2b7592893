"""The review page of a result, the plot of its alignment, and the server that saves corrections.

article_view.py     what became of each word of the article
issues.py           the places to look at, worst first
alignment_plot.py   draws the match; svg.py and png.py write the picture
waveform.py         the sound, as the page draws it
payload.py          the data that the page's scripts work on
page.py             makes NAME.html
report.py           makes the page that lists results
results.py          finds the results of a folder
server.py           the server; refused.py has what it says no to
edits.py            saves corrections
exports.py          files of any format, to be downloaded
playing.py          finds where a recording is played from
intake.py           takes a recording for an article without captions
jobs.py             captions it while the page waits
extras.py           the video with captions, the page to review
assets/             the page's scripts and styles
"""
