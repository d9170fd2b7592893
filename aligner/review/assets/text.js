// Texts and their words: joining, width, and which words an edited text keeps.

/** Joins words to a text, with spaces where the script has them. */
export function joined(words) {
  return words.map((w) => (w.space ? ` ${w.text}` : w.text)).join("").trim();
}

// The character classes of aligner/captions/cell_width.py (Unicode 17); the first that applies counts.
const ONE_CELL = /[\u00ad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{1f1e6}-\u{1f1ff}]/u;
const NO_CELLS = /[\p{Mn}\p{Me}\p{Mc}\p{Cf}\p{Cc}\p{Emoji_Modifier}\u1160-\u11ff\u2028\u2029\u3164\ud7b0-\ud7fb\uffa0]/u;
const TWO_CELLS =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18df2}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
// One cell as text, two before EMOJI_STYLE.
const HAS_SKIN = /\p{Emoji_Modifier_Base}/u;
const SKIN_TONE = /\p{Emoji_Modifier}/u;
const TEXT_EMOJI = /(?!\p{Emoji_Presentation})\p{Emoji}/u;
// A joiner joins these; before a letter (Malayalam, Sinhala) it has no effect on the width.
const JOINED = /[\u2190-\u2bff\u{1f000}-\u{1faff}]/u;
const JOINER = "\u200d";
const EMOJI_STYLE = "\ufe0f";

function characterWidth(char) {
  if (ONE_CELL.test(char)) return 1;
  if (NO_CELLS.test(char)) return 0;
  return TWO_CELLS.test(char) ? 2 : 1;
}

/** Returns the number of cells that a text takes in a line, as `cell_width` in Python does. */
export function cellWidth(text) {
  if (/^[\0-\x7f]*$/u.test(text)) return text.length;
  let total = 0;
  let previous = "";
  let joined = false;
  for (const char of text) {
    if (joined && JOINED.test(char)) {
      joined = false;
      continue;
    }
    joined = false;
    if (char === JOINER) {
      joined = true;
    } else if (char === EMOJI_STYLE || (SKIN_TONE.test(char) && HAS_SKIN.test(previous))) {
      if (TEXT_EMOJI.test(previous) && characterWidth(previous) === 1) total += 1;
      previous = "";
    } else {
      const width = characterWidth(char);
      if (width) previous = char;
      total += width;
    }
  }
  return total;
}

/** The positions [start, end] of words in a text; null for a word that is not in it. */
export function places(words, text) {
  let at = 0;
  return words.map((w) => {
    const start = w.text ? text.indexOf(w.text, at) : -1;
    if (start < 0) return null;
    at = start + w.text.length;
    return [start, at];
  });
}

/** Returns the lines of a typed text: white space is collapsed, empty lines are left out. */
export function linesOf(text) {
  return text
    .split(/\r\n|\r|\n/u)
    .map((line) => [...line].filter((c) => !/\p{Cc}/u.test(c) || c === "\t").join(""))
    .map((line) => line.replace(/\s+/gu, " ").trim())
    .filter(Boolean);
}

/** The number of unchanged words at the beginning and at the end of an edited text. */
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

/** Whether a word is at an offset of a text, and ends there unless its script has no spaces. */
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

/** The words of an edited text; new words share the time of those that they replace. */
export function reworded(words, text, span) {
  const { head, tail, middle } = kept(words, text);
  const gone = words.slice(head, words.length - tail);
  const before = words.slice(0, head);
  const after = words.slice(words.length - tail);
  const start = gone.length ? gone[0].start : (before.at(-1)?.end ?? span.start);
  const end = gone.length ? gone.at(-1).end : (after[0]?.start ?? span.end);
  const speaker = (gone[0] ?? before.at(-1) ?? after[0])?.speaker ?? null;
  return [...before, ...fresh(middle, start, Math.max(end, start), speaker), ...after];
}

function fresh(text, start, end, speaker) {
  const parts = text.split(/\s+/u).filter(Boolean);
  const total = parts.reduce((sum, part) => sum + part.length, 0) || 1;
  let done = 0;
  return parts.map((part) => {
    const from = Math.round(start + ((end - start) * done) / total);
    done += part.length;
    const to = Math.round(start + ((end - start) * done) / total);
    return {
      text: part, start: from, end: to, origin: "edited", score: 1, article: null, space: true, heard: null,
      speaker, glossary: null,
    };
  });
}
