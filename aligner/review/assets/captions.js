// The captions, a row for each cue: marks the spoken word; a click seeks, Enter edits.

import { byId, h, inSteps } from "./dom.js";
import { retext, textOf } from "./cues.js";
import { remarks } from "./lint.js";
import { play, seek } from "./player.js";
import { choose, chosen, chosenPlace, correct, cues, data, now, on, placeOf, profile, tell } from "./state.js";
import { places } from "./text.js";
import { clock, lastStarted } from "./times.js";

const list = byId("cue-list");
export const pane = byId("captions-pane");
const rows = new Map();
/** The cues' rows in order; null for a row that is not built yet. */
const order = [];
/** Rows per group. The browser skips the layout of groups that are not visible. */
const STEP = 32;
/** Words with a lower probability of the recogniser are slanted. */
const WEAK = 0.45;

/** The divergences that have times, in the order of their times. */
const timed = data.places
  .map((place, number) => ({ ...place, number, start: place.start_ms }))
  .filter((place) => place.start !== null)
  .sort((a, b) => a.start - b.start);

/** The divergence of a word as spoken; null for an edited word, or one in the article's wording. */
export function placeOfWord(w) {
  return w.origin === "spoken" ? placeAt(w) : null;
}

/** The divergence that covers a word's time, or null. */
export function placeAt(w) {
  const place = timed[lastStarted(timed, w.start)];
  return place && w.start < place.end_ms ? place : null;
}

/** The row of a cue; builds it if it is missing. */
export function rowOf(id) {
  need(id);
  return rows.get(id) ?? null;
}

// ---------------------------------------------------------------- building rows

function row(cue) {
  const go = h("button", { class: "go", type: "button", tabindex: "-1" });
  const words = h("div", { class: "words", dir: "auto", lang: data.lang });
  const made = h("div", { class: "cue", role: "listitem" }, go, words, h("p", { class: "remarks" }));
  made.cue = cue;
  rows.set(cue.id, made);
  fill(made);
  return made;
}

function fill(element) {
  const { cue } = element;
  const [go, words] = element.children;
  go.textContent = clock(cue.start);
  element.dataset.origin = cue.origin;
  words.replaceChildren(...lineParts(cue));
  if (!cue.lines.length) words.append(h("span", { class: "nothing", text: "no text yet" }));
  remark(element);
}

/** Shows which of the profile's rules a row's cue breaks. */
function remark(element) {
  const at = placeOf(element.cue.id);
  if (at < 0) return;
  const found = remarks(cues(), at, profile);
  const place = element.children[2];
  const text = found.map((r) => r.what).join(" · ");
  if (place.textContent !== text) place.textContent = text;
  const edited = element.cue.origin === "edited" ? ", edited" : "";
  const told = found.length ? `, ${found.length} remarks` : "";
  element.children[0].setAttribute("aria-label", `Cue at ${clock(element.cue.start)}${edited}${told}`);
}

/** Returns a cue's lines with their words; words of one divergence share a mark. */
function lineParts(cue) {
  const text = textOf(cue);
  const parts = [];
  let at = 0;
  let mark = null;
  const between = (end) => {
    const lead = text.slice(at, end);
    if (!lead) return;
    if (mark && lead.trim() === "" && !lead.includes("\n")) mark.append(lead);
    else for (const [k, piece] of lead.split("\n").entries()) parts.push(...(k ? [h("br"), piece] : [piece]));
  };
  for (const [k, place] of places(cue.words, text).entries()) {
    if (!place) continue;
    const w = cue.words[k];
    const apart = placeOfWord(w);
    if (mark && (mark.place !== apart?.number || text.slice(at, place[0]).includes("\n"))) mark = null;
    between(place[0]);
    at = place[1];
    const shown = h("span", { class: `w ${w.origin}`, text: w.text, "data-k": String(k) });
    if (w.score < WEAK && w.origin !== "edited") shown.classList.add("weak");
    if (mark) mark.append(shown);
    else {
      mark = apart ? marked(apart, shown) : null;
      parts.push(mark ?? shown);
    }
  }
  mark = null;
  between(text.length);
  return parts;
}

function marked(place, word) {
  const kind = place.article ? "changed" : "extra";
  const tells = place.article ? "in other words than the article" : "not in the article";
  const mark = h("mark", { class: kind, "data-place": String(place.number), "aria-description": tells }, word);
  mark.place = place.number;
  return mark;
}

// ---------------------------------------------------------------- updates

function replaceRows({ at, remove, add }) {
  makeAll();
  const gone = order.slice(at, at + remove);
  const group = (gone[0] ?? order[at] ?? order[at - 1])?.parentNode ?? newGroup(1);
  const next = order[at + remove] ?? null;
  const kept = new Map(gone.map((element) => [element.cue.id, element]));
  const fresh = add.map((cue) => {
    const old = kept.get(cue.id);
    if (!old) return row(cue);
    kept.delete(cue.id);
    old.cue = cue;
    if (!old.querySelector("textarea")) fill(old);
    return old;
  });
  for (const [id, element] of kept) {
    rows.delete(id);
    element.remove();
  }
  order.splice(at, remove, ...fresh);
  const before = next?.parentNode === group ? next : null;
  for (const element of fresh) if (element.parentNode !== group) group.insertBefore(element, before);
  for (const near of [at - 1, at + add.length]) if (order[near]) remark(order[near]);
  count();
}

function count() {
  byId("cue-count").textContent = `${cues().length} cues`;
}

let spoken = null;

function showSpoken() {
  const at = lastStarted(cues(), now.ms);
  const cue = cues()[at];
  const live = cue && now.ms < cue.end ? cue : null;
  const k = live ? lastStarted(live.words, now.ms) : -1;
  const element = live ? rowOf(live.id) : null;
  const word = element?.querySelector(`[data-k="${k}"]`) ?? null;
  if (word === spoken) return;
  spoken?.classList.remove("now");
  word?.classList.add("now");
  spoken = word;
  tell("spoken", live ? live.words[k] ?? null : null);
  if (now.playing && !now.held && live && live.id !== chosen.id && !editing()) choose(live.id, Math.max(k, 0));
}

export function showRow(element, block = "nearest") {
  const box = element.getBoundingClientRect();
  const view = pane.getBoundingClientRect();
  const margin = Math.min(80, view.height / 4);
  if (box.top >= view.top + margin && box.bottom <= view.bottom - margin && block === "nearest") return;
  pane.scrollTop += box.top - view.top - Math.max(margin, (view.height - box.height) / 3);
}

function showChosen({ before, quiet }) {
  const old = rowOf(before);
  if (old && before !== chosen.id) {
    old.removeAttribute("aria-current");
    old.children[0].tabIndex = -1;
  }
  const element = rowOf(chosen.id);
  if (!element) return;
  element.setAttribute("aria-current", "true");
  element.children[0].tabIndex = 0;
  if (!quiet) showRow(element);
}

// ---------------------------------------------------------------- editing a text

/** Whether a cue's text is being edited. */
export function editing() {
  return list.querySelector("textarea");
}

/** Edits the selected cue's text, with the cursor at the selected word. */
export function edit() {
  const element = rowOf(chosen.id);
  if (!element || element.querySelector("textarea")) return;
  const cue = element.cue;
  const box = h("textarea", {
    rows: String(Math.max(2, cue.lines.length)), dir: "auto", lang: data.lang, spellcheck: "true",
    "aria-label": `Text of the cue at ${clock(cue.start)}`,
  });
  box.value = textOf(cue);
  element.children[1].replaceChildren(box);
  element.classList.add("editing");
  const caret = places(cue.words, box.value)[chosen.word]?.[0] ?? 0;
  box.focus();
  box.setSelectionRange(caret, caret);
  typeInto(element, box);
}

function typeInto(element, box) {
  let merge = false;
  let waiting = 0;
  const keep = () => {
    clearTimeout(waiting);
    const at = placeOf(element.cue.id);
    if (at >= 0 && correct(retext(cues(), at, box.value), merge)) merge = true;
  };
  box.keep = keep;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 300);
  });
  box.addEventListener("blur", () => {
    keep();
    element.classList.remove("editing");
    fill(element);
  });
}

/** Ends editing, and keeps the text. */
export function leave() {
  const box = editing();
  if (!box) return;
  const id = box.closest(".cue").cue.id;
  box.blur();
  rowOf(id)?.children[0].focus();
}

/** The offset of the cursor in the edited text, or null. */
export function cursor() {
  const box = editing();
  if (!box) return null;
  box.keep();
  return box.selectionStart;
}

// ---------------------------------------------------------------- start

function clicked(event) {
  const element = event.target.closest(".cue");
  if (!element || event.target.closest("textarea")) return;
  const word = event.target.closest(".w");
  const k = word ? Number(word.dataset.k) : 0;
  choose(element.cue.id, k, true);
  seek(word ? element.cue.words[k].start : element.cue.start);
}

/** Returns an empty group for a number of rows, with their estimated height. */
function newGroup(size) {
  const group = h("div", { class: "group", role: "presentation" });
  group.style.containIntrinsicBlockSize = `auto ${(size * 3.4).toFixed(1)}rem`;
  list.append(group);
  tell("group", group);
  return group;
}

/** Builds the rows of a group, unless it has them. */
function makeGroup(number) {
  const group = list.children[number];
  if (group.children.length) return;
  const from = number * STEP;
  const made = cues().slice(from, from + STEP).map(row);
  made.forEach((element, k) => {
    order[from + k] = element;
  });
  group.append(...made);
}

let left = 0;

/** Builds all missing rows. */
function makeAll() {
  for (; left > 0; left -= 1) makeGroup(list.children.length - left);
}

/** Builds the group of a cue's row, if it is missing. */
function need(id) {
  const at = left && !rows.has(id) ? placeOf(id) : -1;
  if (at >= 0) makeGroup(Math.floor(at / STEP));
}

export function startCaptions() {
  const all = cues();
  order.length = all.length;
  for (let at = 0; at < all.length; at += STEP) newGroup(Math.min(STEP, all.length - at));
  left = list.children.length;
  if (left) makeGroup(0);
  inSteps(left, 1, () => {
    if (left) makeGroup(list.children.length - left);
    left = Math.max(0, left - 1);
  });
  list.addEventListener("click", clicked);
  list.addEventListener("dblclick", (event) => {
    if (event.target.closest(".words") && !editing()) edit();
  });
  on("cues", replaceRows);
  on("time", showSpoken);
  on("chosen", showChosen);
  count();
}

/** Selects a cue some places before or after the selected one. */
export function step(by) {
  const at = Math.min(Math.max(chosenPlace() + by, 0), cues().length - 1);
  const cue = cues()[at];
  if (!cue) return;
  choose(cue.id);
  seek(cue.start);
  rowOf(cue.id)?.children[0].focus({ preventScroll: true });
}

/** Selects a word some places before or after the selected one. */
export function stepWord(by) {
  const at = chosenPlace();
  const cue = cues()[at];
  if (!cue) return;
  const k = chosen.word + by;
  if (k >= 0 && k < cue.words.length) choose(cue.id, k);
  else {
    const other = cues()[at + by];
    if (!other) return;
    choose(other.id, by > 0 ? 0 : Math.max(0, other.words.length - 1));
  }
  const next = cues()[chosenPlace()];
  seek(next.words[chosen.word]?.start ?? next.start);
}

/** Plays the selected cue once. */
export function replay() {
  const cue = cues()[chosenPlace()];
  if (cue) play(cue.start, cue.end);
}
