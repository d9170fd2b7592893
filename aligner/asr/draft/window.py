"""Decodes one window with the draft: scores the text, and revises it where it is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aligner.asr.draft.context import DecodeContext, DraftPosition, OpenWindow
from aligner.asr.draft.index import NGRAM
from aligner.asr.draft.redecode import (
    NARROW,
    WIDE,
    ContextSize,
    DecodeRequest,
    decode_cost,
)
from aligner.asr.draft.revision import Revision, words_of
from aligner.asr.draft.verification import (
    DraftToken,
    ScoredWord,
    acoustically_confirmed,
    confirmable,
    low_confidence_spans,
    should_redecode_window,
)
from aligner.asr.whisper.model import PartialHypothesis
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.types import Span

CONTEXT_START_MS = 120
"""Sound before the first word of the context that the decoder is given for a passage."""
MAX_PASSAGE_MS = 5_000
"""A longer passage is left to decoding without the draft."""
TOKENS_PER_S = 4, 7
"""Token rates of slow and fast speech, which bound the length of a passage's text."""
STEPS_PER_TOKEN = 1.0
"""Decoder steps that passages may take for each token of a window; where they take more, the window
is decoded without the draft. Decoding a window with a beam takes about two."""
MAX_REVISIONS = 3
"""How often a window's text is revised."""
EXTRA_SHARE, EXTRA_WORDS = 1.2, 5
"""The draft's words that are scored: the probable number in the window times the first, plus the
second."""
SEARCH_TOKENS = 16
"""Tokens decoded to find a window's place in the draft."""
SPOT_CONTEXT_WORDS, SPOT_MARGIN_MS, MAX_SPOT_MS = 2, 100, 8_000
"""Word spotting of a passage: words before and after it, sound around these, longest sound."""


class WindowDecoder:
    """Decodes one window with the draft, in steps between which it waits for the model.

    First its text is taken from the draft; where the position is unknown, the window's first words
    are decoded and searched for (``_search``). The text is scored (``_score``). Without doubt it
    is accepted; else the passages in doubt are decoded (``_revise``) and the new text is scored
    again, up to ``MAX_REVISIONS`` times. While ``requests`` is not empty, the window waits for
    their hypotheses, which ``resume`` takes.
    """

    def __init__(
        self, context: DecodeContext, open_window: OpenWindow, position: DraftPosition
    ) -> None:
        self.context, self.started_at = context, position
        self.position = position
        """The draft's place after the window, as far as is known."""
        self.audio = open_window(position.at is not None)
        self.encoded, self.speech = self.audio.encoded, self.audio.speech
        speech_ms = sum(map(len, self.speech))
        self.max_words = round(speech_ms / 1000 * position.rate * EXTRA_SHARE) + EXTRA_WORDS
        """Words of the draft that the window may hold, and some more."""
        self.words: list[WordTiming] | None = None
        """The result; None as well if the window does not follow the draft."""
        self.requests: list[DecodeRequest] = []
        """The passages to decode next; empty when the window is done."""
        self._search_from = 0
        self._budget = 0.0
        self._revisions = 0
        self._revision: Revision | None = None
        """The revision that waits for hypotheses; None while the search does."""
        self._start()

    def resume(self, hypotheses: list[PartialHypothesis]) -> None:
        """Goes on with the hypotheses for ``requests``."""
        self.requests = []
        if self._revision is None:
            self._take_search_result(hypotheses[0])
        else:
            self._revision.add(hypotheses)
            self._continue_revision(self._revision)

    # ------------------------------------------------------------ the text to begin with

    def _start(self) -> None:
        at, left = self.position.at, len(self.context.draft) - (self.position.at or 0)
        if not self.speech:
            self._fail()
        elif at is not None and left > self.max_words // (2 * EXTRA_SHARE):
            self._score_first(self.context.draft_text(at, at + self.max_words))
        elif self.position.searched:
            self._fail()
        else:
            self._search()

    def _search(self) -> None:
        """Asks for the window's first words."""
        self._search_from = self.position.at or 0
        self._forget_position()
        start = max(0, self.speech[0].start - CONTEXT_START_MS)
        span = Span(start, start + MAX_PASSAGE_MS)
        self.requests = [DecodeRequest(self.encoded, self.speech[-1].end, span, (), SEARCH_TOKENS)]

    def _take_search_result(self, hypothesis: PartialHypothesis) -> None:
        text = self._found_in_draft([], words_of(hypothesis), self._search_from)
        self.position = replace(self.position, searched=text is None)
        self._score_first(text or [])

    def _found_in_draft(
        self, text: list[DraftToken], decoded: list[DraftToken], near: int
    ) -> list[DraftToken] | None:
        """Continues a text with decoded words and with the draft from where these are found.

        None where they are not found.
        """
        found = self.context.draft.find(decoded, near)
        if found is None:
            return None
        count, at = found
        return text + decoded[:count] + self.context.draft_text(at, at + self.max_words)

    # ------------------------------------------------------------ scoring

    def _score_first(self, text: list[DraftToken]) -> None:
        """Scores the first text of a window; without one the window fails."""
        if not text:
            self._fail()
            return
        tokens = sum(len(self.context.tokenize(word.text)) for word in text) / len(text)
        self._budget = self.max_words / EXTRA_SHARE * tokens * STEPS_PER_TOKEN
        self._revisions = 0
        self._score(text)

    def _score(self, text: list[DraftToken]) -> None:
        """Scores a text, with more of the draft while speech goes on; then accepts or revises."""
        while True:
            scored, doubts = self._in_doubt(self.context.score(self.encoded, text))
            if not doubts:
                self._accept(scored)
                return
            longer = self._extended(scored) if doubts[0] == _end_of(scored) else None
            if longer is None:
                self._revise(scored, doubts)
                return
            if self._revisions == MAX_REVISIONS:
                self._accept(scored)
                return
            self._revisions += 1
            text = longer

    def _in_doubt(self, scored: list[ScoredWord]) -> tuple[list[ScoredWord], list[Span]]:
        """Returns a scored text up to its end in the window, and its low-confidence spans.

        Words that word spotting confirms are not in doubt, but there may be more between them.
        """
        doubts, end = low_confidence_spans(scored, self.speech)
        scored = scored[:end]
        spotted = {
            at for d in doubts if self._is_spotted(scored, d) for at in range(d.start, d.end)
        }
        if not spotted:
            return scored, doubts
        marked = [
            replace(w, token=replace(w.token, confirmed=w.token.confirmed or at in spotted))
            for at, w in enumerate(scored)
        ]
        doubts, end = low_confidence_spans(marked, self.speech)
        return marked[:end], doubts

    def _is_spotted(self, scored: list[ScoredWord], doubt: Span) -> bool:
        """Whether word spotting finds the words of a passage where they were placed."""
        passage = scored[doubt.start : doubt.end]
        if not confirmable(passage):
            return False
        first = max(0, doubt.start - SPOT_CONTEXT_WORDS)
        last = min(len(scored), doubt.end + SPOT_CONTEXT_WORDS)
        start = max(0, scored[first].start - SPOT_MARGIN_MS)
        end = min(scored[last - 1].end + SPOT_MARGIN_MS, self.speech[-1].end)
        if not 0 < end - start <= MAX_SPOT_MS:
            return False
        texts = [w.token.text.strip() for w in scored[first:last]]
        spotted = self.audio.spot_words(Span(start, end), texts)
        return acoustically_confirmed(passage, spotted[doubt.start - first :][: len(passage)])

    def _extended(self, scored: list[ScoredWord]) -> list[DraftToken] | None:
        """Returns a text with more of the draft; None where there is no more, or no room."""
        place = scored[-1].token.draft_index
        if place is None or place + 1 >= len(self.context.draft):
            return None
        text = [w.token for w in scored]
        more = self.context.draft_text(place + 1, place + 1 + self.max_words // 2)
        longer = self.context.truncated(text + more)
        return longer if len(longer) > len(text) else None

    # ------------------------------------------------------------ revision

    def _revise(self, scored: list[ScoredWord], doubts: list[Span]) -> None:
        """Asks for the passages in doubt, or gives the text up if that costs too much."""
        requests = [self._request(scored, doubt, NARROW) for doubt in doubts]
        self._budget -= decode_cost(requests)
        if (
            self._revisions == MAX_REVISIONS
            or self._budget < 0
            or should_redecode_window(doubts, scored, self.speech)
        ):
            self._give_up_text()
            return
        self._expect_end(scored, doubts)
        self._revision = Revision(scored, doubts)
        self.requests = requests

    def _continue_revision(self, revision: Revision) -> None:
        """Replaces passages in doubt, one after the other, until more sound must be decoded."""
        while (doubt := revision.next_doubt()) is not None:
            if revision.replace(doubt):
                continue
            if doubt.end == len(revision.scored):
                self._finish_revision(revision, self._replaced_end(revision, doubt), None)
            elif revision.is_wide:
                self._fail()
            else:
                self.requests = [self._request(revision.scored, doubt, WIDE)]
            return
        text, times = revision.completed()
        self._finish_revision(revision, text, times)

    def _replaced_end(self, revision: Revision, doubt: Span) -> list[DraftToken] | None:
        """Returns the text with a new end, which goes on elsewhere in the draft if speech does."""
        if revision.hypothesis.ended:
            return revision.with_new_end(doubt)
        decoded = words_of(revision.hypothesis)
        return self._found_in_draft(revision.before(doubt), decoded, self.started_at.at or 0)

    def _finish_revision(
        self,
        revision: Revision,
        text: list[DraftToken] | None,
        times: list[ScoredWord] | None,
    ) -> None:
        """Accepts a revised text, or scores it; ``times`` are None where it must be scored."""
        self._revision = None
        if not text:
            self._fail()
        elif times and low_confidence_spans(times, self.speech) == ([], None):
            self._accept(times)
        elif revision.confirms(text):
            self._accept(revision.scored)
        else:
            self._revisions += 1
            self._score(text)

    def _give_up_text(self) -> None:
        """Searches for the window's place if its text came from a position that may be wrong."""
        search = self.position.at is not None and not self._revisions
        self._forget_position()
        if search:
            self._start()
        else:
            self._fail()

    def _expect_end(self, scored: list[ScoredWord], doubts: list[Span]) -> None:
        """Notes the text's end as the position meanwhile, unless the end is in doubt."""
        place = scored[-1].token.draft_index
        sure = doubts[-1].end < len(scored)
        self.position = replace(self.position, at=place + 1 if sure and place is not None else None)

    def _request(self, scored: list[ScoredWord], doubt: Span, size: ContextSize) -> DecodeRequest:
        """Returns the request to decode a passage, with words before it and sound after it."""
        tokens, end_ms = self.context.tokenize, self.speech[-1].end
        first = max(0, doubt.start - size.words)
        start = max(0, scored[first].start - CONTEXT_START_MS) if first else 0
        last = scored[doubt.end].start if doubt.end < len(scored) else end_ms
        last = min(last, start + MAX_PASSAGE_MS)
        before = tuple(t for w in scored[first : doubt.start] for t in tokens(w.token.text))
        length = sum(len(tokens(w.token.text)) for w in scored[doubt.start : doubt.end])
        from_ms = scored[max(0, doubt.start - (not len(doubt)))].start
        slow, fast = (max(0, last - from_ms) * rate // 1000 for rate in TOKENS_PER_S)
        most = min(max(length, slow), fast) + size.tokens
        span = Span(start, max(start, last) + size.after_ms)
        return DecodeRequest(self.encoded, end_ms, span, before, most)

    # ------------------------------------------------------------ the result

    def _accept(self, scored: list[ScoredWord]) -> None:
        """Takes a scored text as the result, if enough of it is the draft's."""
        places = [w.token.draft_index for w in scored if w.token.draft_index is not None]
        if not scored or len(places) < min(NGRAM, len(scored)):
            self._fail()
            return
        rate = len(scored) * 1000 / max(1, sum(map(len, self.speech)))
        self.position = DraftPosition(places[-1] + 1, rate=rate)
        self.words = [
            WordTiming(w.token.text, w.start / 1000, w.end / 1000, w.probability) for w in scored
        ]

    def _fail(self) -> None:
        """Ends without words: the window does not follow the draft."""
        self._forget_position()

    def _forget_position(self) -> None:
        self.position = replace(self.position, at=None)


def _end_of(scored: Sequence[ScoredWord]) -> Span:
    """The empty span after the last word."""
    return Span(len(scored), len(scored))
