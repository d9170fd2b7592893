// Words and texts: joining, measuring, telling what a change of text leaves as it was.

/** Words -> text, spaces where the script writes them. */
export function joined(words) {
  return words.map((w) => (w.space ? ` ${w.text}` : w.text)).join("").trim();
}

const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Text -> cells that it takes in a line: two for a full-width character, none for a mark. */
export function cells(text) {
  if (/^[ -~]*$/u.test(text)) return text.length;
  let count = 0;
  for (const char of text) count += char >= "\u0300" && NONE.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return count;
}

/** Words and the text that shows them -> where each stands, [start, end]; null if it is not there. */
export function places(words, text) {
  let at = 0;
  return words.map((w) => {
    const start = w.text ? text.indexOf(w.text, at) : -1;
    if (start < 0) return null;
    at = start + w.text.length;
    return [start, at];
  });
}

/** Typed text -> the lines of a cue: runs of white space are one space, empty lines go. */
export function linesOf(text) {
  return text
    .split(/\r\n|\r|\n/u)
    .map((line) => [...line].filter((c) => !/\p{Cc}/u.test(c) || c === "\t").join(""))
    .map((line) => line.replace(/\s+/gu, " ").trim())
    .filter(Boolean);
}

/** How many words at the beginning, and then at the end, a text still has as they were. */
function kept(words, text) {
  let at = 0;
  let head = 0;
  while (head < words.length && fits(text, at, words[head].text)) {
    at = skip(text, at) + words[head].text.length;
    head += 1;
  }
  let end = text.length;
  let tail = 0;
  while (tail < words.length - head) {
    const word = words[words.length - 1 - tail].text;
    const trimmed = text.slice(at, end).trimEnd();
    if (!trimmed.endsWith(word) || glued(trimmed, word)) break;
    end = at + trimmed.length - word.length;
    tail += 1;
  }
  return { head, tail, middle: text.slice(at, end).trim() };
}

function skip(text, at) {
  let place = at;
  while (text[place] === " ") place += 1;
  return place;
}

/** Whether a word stands at a place of a text, and ends there unless its script has no spaces. */
function fits(text, at, word) {
  const place = skip(text, at);
  if (!text.startsWith(word, place)) return false;
  const next = text[place + word.length];
  return next === undefined || next === " " || !/[\p{L}\p{N}\p{P}]/u.test(next) || unspaced(word);
}

function glued(text, word) {
  const before = text[text.length - word.length - 1];
  return before !== undefined && before !== " " && !unspaced(word);
}

function unspaced(word) {
  return /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]/u.test(word);
}

/** Words and a new text -> the words of that text; new ones share the time of those they replace. */
export function reworded(words, text, span) {
  const { head, tail, middle } = kept(words, text);
  const gone = words.slice(head, words.length - tail);
  const before = words.slice(0, head);
  const after = words.slice(words.length - tail);
  const start = gone.length ? gone[0].start : (before.at(-1)?.end ?? span.start);
  const end = gone.length ? gone.at(-1).end : (after[0]?.start ?? span.end);
  return [...before, ...fresh(middle, start, Math.max(end, start)), ...after];
}

function fresh(text, start, end) {
  const parts = text.split(/\s+/u).filter(Boolean);
  const total = parts.reduce((sum, part) => sum + part.length, 0) || 1;
  let done = 0;
  return parts.map((part) => {
    const from = Math.round(start + ((end - start) * done) / total);
    done += part.length;
    const to = Math.round(start + ((end - start) * done) / total);
    return {
      text: part, start: from, end: to, origin: "edited", score: 1, article: null, space: true, heard: null,
    };
  });
}
