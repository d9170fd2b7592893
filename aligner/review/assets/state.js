// What is shown, chosen and changed. All parts of the page listen here, none to one another.

import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { newId } from "./cues.js";
import { byId } from "./dom.js";
import { lastStarted } from "./times.js";

export const data = JSON.parse(byId("data").textContent);
export const profile = data.profile;
export const frame = 1000 / (profile.fps || 25);

function word([text, start, end, origin, score, article = null, space = 1, heard = null]) {
  return { text, start, end, origin: data.origins[origin], score, article, space: Boolean(space), heard };
}

function cue([start, end, lines, origin, words]) {
  return { id: newId(), start, end, lines, origin: data.origins[origin], words: words.map(word) };
}

export const history = new History(data.cues.map(cue));
data.cues = null;

const listeners = new EventTarget();
export const on = (name, work) => listeners.addEventListener(name, (event) => work(event.detail));
export const tell = (name, detail) => listeners.dispatchEvent(new CustomEvent(name, { detail }));

export const chosen = { id: null, word: 0 };
export const now = { ms: 0, playing: false, held: false };
export const cues = () => history.cues;
export const saved = { mark: undefined, kept: true };

/** Where a cue stands; -1 if it is gone. */
export function placeOf(id) {
  const list = history.cues;
  if (list[placeOf.last]?.id === id) return placeOf.last;
  placeOf.last = list.findIndex((c) => c.id === id);
  return placeOf.last;
}
placeOf.last = 0;

/** The chosen cue's place; -1 if none is chosen. */
export const chosenPlace = () => (chosen.id === null ? -1 : placeOf(chosen.id));

/** Choose a cue, and a word of it. `quiet`: nothing scrolls. */
export function choose(id, index = 0, quiet = false) {
  const before = chosen.id;
  chosen.id = id;
  chosen.word = index;
  tell("chosen", { before, quiet });
}

/** Choose what is shown, or was last shown, at a time. */
export function chooseAt(ms) {
  const list = history.cues;
  const at = Math.max(0, lastStarted(list, ms));
  if (list[at]) choose(list[at].id, Math.max(0, lastStarted(list[at].words, ms)));
}

// ---------------------------------------------------------------- corrections

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

/** Make a correction, if there is one to make. `merge`: it goes on with the last. */
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

/** Whether what is shown differs from what is saved. */
export const unsaved = () => history.done.at(-1) !== saved.mark;

/** Bring back what was not saved; how many steps that were. */
export function restore() {
  const steps = drafts.steps();
  for (const one of steps) {
    // Numbers of an earlier visit may be taken by now.
    history.apply({ ...one, add: one.add.map((c) => ({ ...c, id: newId() })) });
  }
  return steps.length;
}
