"""What came out -> the page a person looks at, the picture of the match, and a server that saves.

``record`` reads a sidecar, ``text`` and ``doubts`` say what became of the article and what to look
at first, ``picture`` draws the match, ``page`` makes the file; ``serving`` and ``saving`` are the
server. The page's own parts are in ``assets/``.
"""

from __future__ import annotations
