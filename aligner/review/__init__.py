"""What came out -> the page a person looks at, the picture of the match, and a server that saves.

``text`` and ``doubts`` say what became of the article and what to look at first, ``picture`` draws
the match, ``page`` makes the file. ``serving`` and ``saving`` are the server, ``playing`` finds the
recording, ``intake`` and ``jobs`` take one for an article without captions. The page's own parts
are in ``assets/``.
"""

from __future__ import annotations
