"""The review page of a result, the plot of its alignment, and the server that saves corrections.

article_view.py     the article's words and the status of each: said, changed, not spoken
issues.py           the issues that a person should look at, worst first
alignment_plot.py   plots the alignment; svg.py and png.py draw it
waveform.py         the recording's waveform, as the page draws it
payload.py          the data that the page's scripts work on
page.py             builds NAME.html
report.py           builds the page that lists a folder's results
results.py          finds the results of a folder, and their recordings
result_index.py     reads the folder's results once, and again those that change
server.py           the server: its port, its token
request_handler.py  answers HTTP requests; refused.py is the error with which it refuses one
served_folder.py    what is served: results, pages, waveforms, jobs
edits.py            saves corrections
exports.py          downloads of a result in any format
playback.py         from where a recording is played, and its parts from other sites
intake.py           takes recordings from pages: uploads, addresses, downloads
jobs.py             runs downloads and captioning while the page waits
extras.py           the video with captions, and the review page, for `caption` and `batch`
assets/             the page's scripts and styles
"""
