// The state of the page: cues, selection, edits. All modules listen to it, and not to one another.

import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { newId } from "./cues.js";
import { byId } from "./dom.js";
import { lastStarted } from "./times.js";

export const data = JSON.parse(byId("data").textContent);
export const profile = data.profile;
export const frame = 1000 / (profile.fps || 25);

function word([text, start, end, origin, score, article = null, space = 1, heard = null, speaker = null, glossary = null]) {
  return { text, start, end, origin: data.origins[origin], score, article, space: Boolean(space), heard, speaker, glossary };
}

function cue([start, end, lines, origin, words]) {
  return { id: newId(), start, end, lines, origin: data.origins[origin], words: words.map(word) };
}

export const history = new History(data.cues.map(cue), data.voices);
data.cues = null;

const listeners = new EventTarget();
export const on = (name, work) => listeners.addEventListener(name, (event) => work(event.detail));
export const tell = (name, detail) => listeners.dispatchEvent(new CustomEvent(name, { detail }));

export const chosen = { id: null, word: 0 };
export const now = { ms: 0, playing: false, held: false };
export const cues = () => history.cues;
export const voices = () => history.voices;
export const saved = { mark: undefined, kept: true };

/** The index of a cue; -1 if it no longer exists. */
export function placeOf(id) {
  const list = history.cues;
  if (list[placeOf.last]?.id === id) return placeOf.last;
  placeOf.last = list.findIndex((c) => c.id === id);
  return placeOf.last;
}
placeOf.last = 0;

/** The index of the selected cue; -1 if none is selected. */
export const chosenPlace = () => (chosen.id === null ? -1 : placeOf(chosen.id));

/** Selects a cue and a word of it. `quiet`: the page does not scroll. */
export function choose(id, index = 0, quiet = false) {
  const before = chosen.id;
  chosen.id = id;
  chosen.word = index;
  tell("chosen", { before, quiet });
}

/** Selects the cue shown at a time, or the last one before it. */
export function chooseAt(ms) {
  const list = history.cues;
  const at = Math.max(0, lastStarted(list, ms));
  if (list[at]) choose(list[at].id, Math.max(0, lastStarted(list[at].words, ms)));
}

// ---------------------------------------------------------------- edits

let storage = null;
try {
  storage = globalThis.localStorage;
} catch {
  saved.kept = false;
}
export const drafts = new Drafts(storage ?? { getItem: () => null }, data.name, data.version);

function changed(splice) {
  tell("cues", splice);
  tell("saved", null);
}

/** Applies an edit unless it is null. `merge` joins it with the last one. */
export function correct(splice, merge = false) {
  if (!splice) return false;
  history.apply(splice, merge);
  saved.kept = drafts.add(splice, merge);
  changed(splice);
  const next = splice.add[0] ?? history.cues[Math.min(splice.at, history.cues.length - 1)];
  if (next && placeOf(chosen.id) < 0) choose(next.id);
  return true;
}

export function undo() {
  return step(history.undo());
}

export function redo() {
  return step(history.redo());
}

function step(splice) {
  if (!splice) return false;
  saved.kept = drafts.add(splice);
  changed(splice);
  const place = splice.add[0] ?? history.cues[Math.min(splice.at, history.cues.length - 1)];
  if (place) choose(place.id);
  return true;
}

/** Whether there are unsaved edits. */
export const unsaved = () => history.done.at(-1) !== saved.mark;

/** Restores unsaved edits. Returns their number. */
export function restore() {
  const steps = drafts.steps();
  for (const one of steps) {
    // Ids of an earlier visit may be in use by now.
    history.apply({ ...one, add: one.add.map((c) => ({ ...c, id: newId() })) });
  }
  return steps.length;
}
