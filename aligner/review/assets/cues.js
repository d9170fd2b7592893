// Edits of cues. Each is a function that returns a splice { at, remove, add, what }: from index
// `at`, `remove` cues are replaced by those in `add`. Cue objects are never changed. An edit that
// is not possible returns null.

import { joined, linesOf, places, reworded } from "./text.js";

/** The shortest duration of a cue, in ms: one frame at 25 frames a second. */
export const LEAST_MS = 40;

let lastId = 0;

/** Returns a new unique id for a cue. */
export function newId() {
  lastId += 1;
  return lastId;
}

function edited(cue, change) {
  return { ...cue, ...change, origin: "edited" };
}

function one(at, cue, what) {
  return { at, remove: 1, add: [cue], what };
}

/** A cue's text as a text box shows it. */
export function textOf(cue) {
  return cue.lines.join("\n");
}

/** Replaces a cue's text. */
export function retext(cues, at, text) {
  const cue = cues[at];
  const lines = linesOf(text);
  if (lines.join("\n") === textOf(cue)) return null;
  const words = reworded(cue.words, lines.join(" "), cue);
  return one(at, edited(cue, { lines, words }), "text");
}

/** Sets a cue's start and end, limited by its neighbours. */
export function retime(cues, at, start, end) {
  const cue = cues[at];
  const earliest = at ? cues[at - 1].end : 0;
  const latest = at + 1 < cues.length ? cues[at + 1].start : Infinity;
  const from = Math.round(Math.min(Math.max(start, Math.min(earliest, cue.start)), cue.end - LEAST_MS));
  const to = Math.round(Math.max(Math.min(end, Math.max(latest, cue.end)), from + LEAST_MS));
  if (from === cue.start && to === cue.end) return null;
  return one(at, edited(cue, { start: from, end: to }), "time");
}

/** Moves a cue and its words in time, limited by its neighbours. */
export function move(cues, at, by) {
  const cue = cues[at];
  const earliest = at ? Math.min(cues[at - 1].end, cue.start) : 0;
  const latest = at + 1 < cues.length ? Math.max(cues[at + 1].start, cue.end) : Infinity;
  const step = Math.round(Math.min(Math.max(by, earliest - cue.start), latest - cue.end));
  if (!step) return null;
  const words = cue.words.map((w) => ({ ...w, start: w.start + step, end: w.end + step }));
  return one(at, edited(cue, { start: cue.start + step, end: cue.end + step, words }), "move");
}

/** Splits a cue at an offset of its text. */
export function splitAtText(cues, at, offset) {
  const cue = cues[at];
  const text = textOf(cue);
  const [left, right] = [text.slice(0, offset), text.slice(offset)];
  if (!left.trim() || !right.trim()) return null;
  const later = places(cue.words, text).findIndex((place) => place && place[1] > offset);
  return halves(at, cue, later < 0 ? cue.words.length : later, left, right);
}

/** Splits a cue before one of its words. */
export function splitAtWord(cues, at, index) {
  const cue = cues[at];
  const text = textOf(cue);
  const place = index > 0 ? places(cue.words, text)[index] : null;
  if (!place || !text.slice(0, place[0]).trim()) return null;
  return halves(at, cue, index, text.slice(0, place[0]), text.slice(place[0]));
}

function halves(at, cue, index, left, right) {
  const first = cue.words.slice(0, index);
  const second = cue.words.slice(index);
  const middle = Math.round((cue.start + cue.end) / 2);
  const seam = second[0]?.start ?? first.at(-1)?.end ?? middle;
  const cut = Math.min(Math.max(seam, cue.start + LEAST_MS), cue.end - LEAST_MS);
  if (cut <= cue.start) return null;
  const end = Math.min(Math.max(first.at(-1)?.end ?? cut, cue.start + LEAST_MS), cut);
  const add = [
    edited(cue, { end, lines: linesOf(left), words: first }),
    edited(cue, { id: newId(), start: cut, lines: linesOf(right), words: second }),
  ];
  return { at, remove: 1, add, what: "split" };
}

/** Joins a cue with the next one, in two lines if the text fits. */
export function join(cues, at, width) {
  const [cue, next] = [cues[at], cues[at + 1]];
  if (!cue || !next) return null;
  const glue = next.words.length && !next.words[0].space ? "" : " ";
  const text = cue.lines.join(" ") + glue + next.lines.join(" ");
  const words = [...cue.words, ...next.words];
  const add = [edited(cue, { end: next.end, lines: broken(text, width), words })];
  return { at, remove: 2, add, what: "join" };
}

/** Breaks a text into one line, or into two of similar length, the longer one below. */
export function broken(text, width) {
  if (text.length <= width) return [text];
  let best = null;
  for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) {
    const [upper, lower] = [at, text.length - at - 1];
    const cost = Math.max(upper, lower) + (upper > lower ? 0.5 : 0);
    if (!best || cost < best.cost) best = { at, cost };
  }
  return best ? [text.slice(0, best.at), text.slice(best.at + 1)] : [text];
}

/** Inserts an empty cue at a time, between its neighbours. */
export function addAt(cues, ms, profile) {
  let at = cues.findIndex((cue) => cue.end > ms);
  if (at < 0) at = cues.length;
  const start = Math.max(Math.round(ms), at ? cues[at - 1].end : 0);
  if (at < cues.length && cues[at].start <= start + LEAST_MS) return addAfter(cues, at, profile);
  return blank(cues, at, start, profile);
}

function addAfter(cues, at, profile) {
  const start = cues[at].end + profile.min_gap_ms;
  return blank(cues, at + 1, start, profile) ?? blank(cues, at + 1, cues[at].end, profile);
}

function blank(cues, at, start, profile) {
  const next = at < cues.length ? cues[at].start : Infinity;
  const end = Math.min(start + Math.max(2000, profile.min_duration_ms), next);
  if (end - start < LEAST_MS) return null;
  const cue = { id: newId(), start, end, lines: [], origin: "edited", words: [] };
  return { at, remove: 0, add: [cue], what: "add" };
}

/** Deletes a cue. */
export function drop(cues, at) {
  return cues[at] ? { at, remove: 1, add: [], what: "drop" } : null;
}

/** Replaces some words of a cue; the line breaks around them stay. */
export function wording(cues, at, from, to, text) {
  const cue = cues[at];
  const whole = textOf(cue);
  const there = places(cue.words, whole).slice(from, to).filter(Boolean);
  if (!there.length || joined(cue.words.slice(from, to)) === text) return null;
  return retext(cues, at, whole.slice(0, there[0][0]) + text + whole.slice(there.at(-1)[1]));
}
