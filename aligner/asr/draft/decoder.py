"""Follows a draft through a recording: verified by the recogniser, mended where it fails.

Where the draft's words are probable, they are what was said. A passage in doubt is decoded by
itself, and what is heard takes the draft's place, up to where speech and article meet again.

Some windows are on their way at a time, so that the passages of all of them are decoded together.
Each begins where the one before it seems to end; if that turns out to be wrong, it is begun anew.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from aligner.asr.draft.index import FAR, KNOWN, Draft
from aligner.asr.draft.redecode import (
    NARROW,
    WIDE,
    ContextSize,
    DecodeRequest,
    decode_cost,
    decode_requests,
    keep_draft_spelling,
    resync_point,
    transfer_timestamps,
    words_of,
)
from aligner.asr.draft.verification import (
    DraftToken,
    ScoredWord,
    acoustically_confirmed,
    confirmable,
    low_confidence_spans,
    should_redecode_window,
)
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, ScoringModel
from aligner.asr.whisper.word_timestamps import WordTiming
from aligner.types import Span, SpottedWord

TOGETHER = 4
"""Windows that are on their way at a time."""
BEFORE_MS = 120
"""Sound before the first of the words that the decoder is given before a passage in doubt."""
LONGEST_MS = 5_000
"""A longer passage is left to the recogniser's whole way of decoding."""
TOKENS_PER_S = 4, 7
"""Slow and fast speech: room for what is said in a passage."""
WORTH = 1.0
"""Passages in doubt may take so many steps for each token of a window, or it is decoded whole.
Decoding a window with a beam takes some two."""
ROUNDS = 3
"""Times that a window's text is mended."""
MORE, MORE_WORDS = 1.2, 5
"""So many more words than the window probably has are taken from the article."""
MOST_TOKENS = 400
"""What the decoder has room for."""
FIRST_TOKENS = 16
"""Decoded to find the place of a window."""
FIT_AROUND, FIT_MARGIN_MS, FIT_LONGEST_MS = 2, 100, 8_000
"""Words before and after a passage and sound around these with which it is looked for in the sound,
and the longest part of it in which it is."""
USUAL_RATE = 3.0
"""Words a second of speech, until some were heard."""


@dataclass(frozen=True, slots=True)
class DraftPosition:
    """Where somebody who follows a draft stands between two windows."""

    at: int | None = None
    """The draft's word that is said next; None where nobody knows."""
    searched: bool = False
    """Whether the first words of a window were decoded and searched for in vain. The whole of
    that window is decoded then and searched for; the next windows cost no search of their own."""
    rate: float = USUAL_RATE
    """Words a second of speech."""


@dataclass(frozen=True, slots=True)
class WindowAudio:
    """A window's sound."""

    encoded: EncoderOutput
    speech: Sequence[Span]
    """Where in it somebody speaks, in milliseconds from its start."""
    fitted: Callable[[Span, Sequence[str]], Sequence[SpottedWord | None]]
    """A part of it and words -> where each fits best there, if they do."""


Open = Callable[[bool], WindowAudio]
"""Encodes a window; a ``tight`` encoding will do if True (see ``Recogniser.encode``)."""


Result = TypeVar("Result")
DecodeCoroutine = Generator[list[DecodeRequest], list[PartialHypothesis], Result]
"""Steps that ask questions, are sent what was heard, and come to a result."""


class DraftDecoder:
    """Follows a draft through windows of a recording, from the first to the last."""

    def __init__(self, reader: ScoringModel, language: str, draft: Draft) -> None:
        self.reading = _DecodeContext(reader, language, draft)
        self.stand = DraftPosition()

    def locate(self, heard: Sequence[str]) -> None:
        """Find the place after the words that a window was heard to say."""
        self.stand = replace(self.stand, at=self.reading.draft.after(heard))

    def follow(self, windows: Sequence[Open]) -> Iterator[list[WordTiming]]:
        """The words of each window in order, up to one that does not go on with the draft."""
        going: deque[_Window] = deque()
        done = 0
        while self._begun(going, windows[done:]):
            waiting = [window for window in going if window.asked]
            heard = iter(self.reading.answers([q for window in waiting for q in window.asked]))
            for window in waiting:
                window.go_on([next(heard) for _ in window.asked])
            _invalidate_stale(going)
            while going and not going[0].asked:
                window = going.popleft()
                self.stand, done = window.stand, done + 1
                if window.words is None:
                    return
                yield window.words

    def _begun(self, going: deque[_Window], windows: Sequence[Open]) -> bool:
        """Begin more windows while the place of the next one is known; whether any is going."""
        for open_ in windows[len(going) : TOGETHER]:
            if going and going[-1].stand.at is None:
                break
            going.append(_Window(self.reading, open_, going[-1].stand if going else self.stand))
        return bool(going)


def _invalidate_stale(going: deque[_Window]) -> None:
    """Give up windows that were begun at a wrong place, and those after them."""
    for k in range(1, len(going)):
        if going[k].began.at != going[k - 1].stand.at:
            while len(going) > k:
                going.pop()
            return


class _DecodeContext:
    """What is the same for all windows: the recogniser, the language and the draft."""

    def __init__(self, reader: ScoringModel, language: str, draft: Draft) -> None:
        self.reader, self.language, self.draft = reader, language, draft
        self._tokens: dict[str, tuple[int, ...]] = {}

    def answers(self, asked: Sequence[DecodeRequest]) -> list[PartialHypothesis]:
        return decode_requests(self.reader, self.language, asked)

    def ahead(self, start: int, end: int) -> list[DraftToken]:
        """Words of the draft."""
        return self.bounded(self.draft.items[start:end])

    def bounded(self, text: Sequence[DraftToken]) -> list[DraftToken]:
        room, items = MOST_TOKENS, []
        for item in text:
            room -= len(self.of(item.text))
            if room < 0:
                break
            items.append(item)
        return items

    def of(self, text: str) -> tuple[int, ...]:
        """A word's tokens."""
        if text not in self._tokens:
            self._tokens[text] = self.reader.tokens(text)
        return self._tokens[text]

    def weigh(self, window: EncoderOutput, text: Sequence[DraftToken]) -> list[ScoredWord]:
        """A text's words, weighed; no more of them than the decoder has room for."""
        text = self.bounded(text)
        pieces = [self.of(item.text) for item in text]
        seen = self.reader.verify(window, self.language, [t for piece in pieces for t in piece])
        weighed, at = [], 0
        for item, piece in zip(text, pieces, strict=True):
            logs = seen.logs[at : at + len(piece)]
            at += len(piece)
            chance = sum(map(math.exp, logs)) / max(1, len(logs))
            start, end = seen.starts[at - len(piece)], seen.starts[at]
            weighed.append(ScoredWord(item, sum(logs), chance, start, end))
        return weighed


class _Window:
    """One window on its way: what it asks, and in the end its words."""

    def __init__(self, reading: _DecodeContext, open_: Open, stand: DraftPosition) -> None:
        self.reading, self.began = reading, stand
        self.stand = stand
        """Where it ends, as far as is known."""
        self.sound = open_(stand.at is not None)
        self.encoded, self.speech = self.sound.encoded, self.sound.speech
        spoken_ms = sum(map(len, self.speech))
        self.most = round(spoken_ms / 1000 * stand.rate * MORE) + MORE_WORDS
        """Words of the draft that it may hold, and some more."""
        self.words: list[WordTiming] | None = None
        """None as well if it does not go on with the draft."""
        self.asked: list[DecodeRequest] = []
        """What it waits for; empty when it is done."""
        self._steps = self._heard()
        self._until(lambda: next(self._steps))

    def go_on(self, heard: list[PartialHypothesis]) -> None:
        """Take what was heard to the questions that were asked."""
        self._until(lambda: self._steps.send(heard))

    def _until(self, step: Callable[[], list[DecodeRequest]]) -> None:
        try:
            self.asked = step()
        except StopIteration as end:
            self.asked, self.words = [], end.value
            if self.words is None:
                self._lost()

    def _heard(self) -> DecodeCoroutine[list[WordTiming] | None]:
        """Its words, sentence by sentence the draft's where that is what was said."""
        if not self.speech:
            return None
        text = yield from self._text()
        if not text:
            return None
        budget = self._budget(text)
        for turn in range(ROUNDS + 1):
            weighed = self.reading.weigh(self.encoded, text)
            weighed, doubts = self._in_doubt(weighed)
            if not doubts:
                break
            if doubts[0] == Span(len(weighed), len(weighed)) and (more := self._more(weighed)):
                text = more
                continue
            asked = [self._question(weighed, doubt, NARROW) for doubt in doubts]
            budget -= decode_cost(asked)
            if turn == ROUNDS or budget < 0 or should_redecode_window(doubts, weighed, self.speech):
                known = self.stand.at is not None and not turn
                self._lost()
                return (yield from self._heard()) if known else None
            mended = yield from self._mended(weighed, doubts, asked)
            if mended is None:
                return None
            if mended.weighed and low_confidence_spans(mended.weighed, self.speech) == ([], None):
                weighed = mended.weighed
                break
            if _confirmed(weighed, doubts, mended.text):
                break
            text = mended.text
        return self._accepted(weighed)

    def _in_doubt(self, weighed: list[ScoredWord]) -> tuple[list[ScoredWord], list[Span]]:
        """A weighed text up to its end in the window, and what of it is in doubt.

        Words that the sound bears out are not, but there may be more between them.
        """
        doubts, end = low_confidence_spans(weighed, self.speech)
        weighed = weighed[:end]
        known = {at for d in doubts if self._fits(weighed, d) for at in range(d.start, d.end)}
        if not known:
            return weighed, doubts
        marked = [
            replace(w, item=replace(w.item, borne_out=w.item.borne_out or at in known))
            for at, w in enumerate(weighed)
        ]
        doubts, end = low_confidence_spans(marked, self.speech)
        return marked[:end], doubts

    def _fits(self, weighed: list[ScoredWord], doubt: Span) -> bool:
        """Whether the words of a passage are said, as far as the sound alone tells."""
        passage = weighed[doubt.start : doubt.end]
        if not confirmable(passage):
            return False
        first, last = max(0, doubt.start - FIT_AROUND), min(len(weighed), doubt.end + FIT_AROUND)
        start = max(0, weighed[first].start - FIT_MARGIN_MS)
        end = min(weighed[last - 1].end + FIT_MARGIN_MS, self.speech[-1].end)
        if not 0 < end - start <= FIT_LONGEST_MS:
            return False
        texts = [w.item.text.strip() for w in weighed[first:last]]
        fitted = self.sound.fitted(Span(start, end), texts)
        return acoustically_confirmed(passage, fitted[doubt.start - first :][: len(passage)])

    def _text(self) -> DecodeCoroutine[list[DraftToken] | None]:
        """What it probably says; None if nobody knows."""
        at, left = self.stand.at, len(self.reading.draft) - (self.stand.at or 0)
        if at is not None and left > self.most // (2 * MORE):
            return self.reading.ahead(at, at + self.most)
        if self.stand.searched:
            return None
        self._lost()
        start = max(0, self.speech[0].start - BEFORE_MS)
        sound = Span(start, start + LONGEST_MS)
        end = self.speech[-1].end
        (passage,) = yield [DecodeRequest(self.encoded, end, sound, (), FIRST_TOKENS)]
        text = self._jumped([], words_of(passage), at or 0)
        self.stand = replace(self.stand, searched=text is None)
        return text

    def _lost(self) -> None:
        """Nobody knows what of the draft comes next."""
        self.stand = replace(self.stand, at=None)

    def _more(self, weighed: list[ScoredWord]) -> list[DraftToken] | None:
        """A text with more of the draft, where all of it was said and speech goes on."""
        place = weighed[-1].item.place
        if place is None or place + 1 >= len(self.reading.draft):
            return None
        text = [w.item for w in weighed]
        further = self.reading.ahead(place + 1, place + 1 + self.most // 2)
        more = self.reading.bounded(text + further)
        return more if len(more) > len(text) else None

    def _budget(self, text: Sequence[DraftToken]) -> float:
        """Steps of the decoder that passages in doubt may take."""
        tokens = sum(len(self.reading.of(item.text)) for item in text) / max(1, len(text))
        return self.most / MORE * tokens * WORTH

    def _mended(
        self, weighed: list[ScoredWord], doubts: list[Span], asked: list[DecodeRequest]
    ) -> DecodeCoroutine[_Revision | None]:
        """The text with what is heard in place of what is in doubt; None if nothing can be made."""
        items = [w.item for w in weighed]
        self._expect(weighed, doubts)
        heard = yield asked
        text: list[DraftToken] = []
        times: list[ScoredWord] = []
        done = 0
        for doubt, passage in zip(doubts, heard, strict=True):
            if doubt.start < done:
                continue
            text += items[done : doubt.start]
            times += weighed[done : doubt.start]
            ours, last = items[doubt.start : doubt.end + FAR], doubt.end == len(items)
            said = words_of(passage)
            met = resync_point(ours, said, len(doubt))
            if met is None and not last:
                (passage,) = yield [self._question(weighed, doubt, WIDE)]
                said = words_of(passage)
                met = resync_point(ours, said, len(doubt))
            if met is not None:
                now, done = (
                    keep_draft_spelling(ours[: met[1]], said[: met[0]]),
                    doubt.start + met[1],
                )
                text += now
                replaced = weighed[doubt.start : done] if len(doubt) else []
                times += transfer_timestamps(replaced, now, passage.log) or ()
            elif not last:
                return None
            elif passage.ended:
                return _Revision(text + keep_draft_spelling(items[doubt.start :], said))
            else:
                jumped = self._jumped(text, said, self.began.at or 0)
                return _Revision(jumped) if jumped else None
        text += items[done:]
        times += weighed[done:]
        return _Revision(text, times if len(times) == len(text) else None)

    def _expect(self, weighed: list[ScoredWord], doubts: list[Span]) -> None:
        """Where it probably ends while it waits: where its text does, unless that is in doubt."""
        place = weighed[-1].item.place
        sure = doubts[-1].end < len(weighed)
        self.stand = replace(self.stand, at=place + 1 if sure and place is not None else None)

    def _jumped(
        self, text: list[DraftToken], said: list[DraftToken], near: int
    ) -> list[DraftToken] | None:
        """The text, going on where in the draft the words heard are found."""
        found = self.reading.draft.found(said, near)
        if found is None:
            return None
        at, place = found
        return text + said[:at] + self.reading.ahead(place, place + self.most)

    def _question(
        self, weighed: list[ScoredWord], doubt: Span, around: ContextSize
    ) -> DecodeRequest:
        of, end_ms = self.reading.of, self.speech[-1].end
        first = max(0, doubt.start - around.words)
        start = max(0, weighed[first].start - BEFORE_MS) if first else 0
        last = weighed[doubt.end].start if doubt.end < len(weighed) else end_ms
        last = min(last, start + LONGEST_MS)
        before = tuple(t for w in weighed[first : doubt.start] for t in of(w.item.text))
        length = sum(len(of(w.item.text)) for w in weighed[doubt.start : doubt.end])
        from_ms = weighed[max(0, doubt.start - (not len(doubt)))].start
        slow, fast = (max(0, last - from_ms) * rate // 1000 for rate in TOKENS_PER_S)
        most = min(max(length, slow), fast) + around.tokens
        sound = Span(start, max(start, last) + around.after_ms)
        return DecodeRequest(self.encoded, end_ms, sound, before, most)

    def _accepted(self, weighed: list[ScoredWord]) -> list[WordTiming] | None:
        places = [w.item.place for w in weighed if w.item.place is not None]
        if not weighed or len(places) < min(KNOWN, len(weighed)):
            return None
        rate = len(weighed) * 1000 / max(1, sum(map(len, self.speech)))
        self.stand = DraftPosition(places[-1] + 1, rate=rate)
        return [
            WordTiming(w.item.text, w.start / 1000, w.end / 1000, w.probability) for w in weighed
        ]


@dataclass(frozen=True, slots=True)
class _Revision:
    """A text with what was heard in the place of what was in doubt."""

    text: list[DraftToken]
    weighed: list[ScoredWord] | None = None
    """None where it must be weighed again to know when each word is said."""


def _confirmed(weighed: list[ScoredWord], doubts: list[Span], mended: list[DraftToken]) -> bool:
    """Whether everything in doubt was heard as it stands."""
    if [item.text for item in mended] != [w.item.text for w in weighed]:
        return False
    return all(item.settled for d in doubts for item in mended[d.start : d.end])
