"""The review page of a result, the plot of its alignment, and the server that saves corrections.

``article_view`` says what became of each word of the article, ``issues`` lists the places to look
at, ``alignment_plot`` draws the alignment, and ``page`` makes the HTML file. ``server`` and
``edits`` save corrections, ``playing`` finds the recording, and ``intake`` and ``jobs`` take one
for an article without captions. The page's scripts and style are in ``assets/``.
"""
