// The selected cue: its times, its wording, the rules that it breaks, and the buttons that edit it.

import { addAt, drop, join, retime, splitAtText, splitAtWord, wording } from "./cues.js";
import { announce, byId, h } from "./dom.js";
import { remarks, speed } from "./lint.js";
import { cursor, edit, editing, leave, placeAt, replay } from "./captions.js";
import { choose, chosen, chosenPlace, correct, cues, data, frame, now, on, profile } from "./state.js";
import { joined } from "./text.js";
import { clock, parsed } from "./times.js";

// ---------------------------------------------------------------- commands

const done = (splice, text) => announce(correct(splice) ? text : "That cannot be done here.");

/** Moves the start or the end by a number of frames. */
export function nudge(which, frames) {
  const at = chosenPlace();
  const cue = cues()[at];
  if (!cue) return;
  const by = Math.round(frames * frame);
  const [start, end] = which === "in" ? [cue.start + by, cue.end] : [cue.start, cue.end + by];
  const made = correct(retime(cues(), at, start, end));
  const next = cues()[at];
  announce(made ? `${which === "in" ? "In" : "Out"} ${clock(which === "in" ? next.start : next.end)}` : "No room there.");
}

/** Sets the start or the end to the recording's current time. */
export function setHere(which) {
  const at = chosenPlace();
  const cue = cues()[at];
  if (!cue) return;
  const here = Math.round(now.ms);
  const splice = which === "in" ? retime(cues(), at, here, cue.end) : retime(cues(), at, cue.start, here);
  done(splice, `${which === "in" ? "In" : "Out"} set to ${clock(here)}`);
}

/** Splits the cue at the cursor, or before the selected word. */
export function split() {
  const offset = cursor();
  const at = chosenPlace();
  if (at < 0) return;
  const splice = offset === null ? splitAtWord(cues(), at, chosen.word) : splitAtText(cues(), at, offset);
  if (offset !== null) leave();
  done(splice, "Split into two cues");
  if (splice) choose(splice.add[1].id);
}

export function joinNext() {
  if (editing()) leave();
  done(join(cues(), chosenPlace(), profile.max_line_chars), "Joined with the next cue");
}

export function add() {
  const cue = cues()[chosenPlace()];
  const inside = cue && now.ms >= cue.start && now.ms <= cue.end;
  const splice = addAt(cues(), inside ? cue.end : now.ms, profile);
  done(splice, "A new cue");
  if (splice) {
    choose(splice.add[0].id);
    edit();
  }
}

export function remove() {
  done(drop(cues(), chosenPlace()), "The cue is dropped; undo brings it back");
}

// ---------------------------------------------------------------- spoken or written wording

/** The divergences within a cue: { from, to, heard, written, shows }. */
export function choices(cue) {
  const found = [];
  for (let k = 0; k < cue.words.length; k += 1) {
    const choice = ofPlace(cue, k) ?? ofSpelling(cue, k);
    if (!choice) continue;
    if (choice.heard !== choice.written) found.push(choice);
    k = choice.to - 1;
  }
  return found;
}

/** The choice of wording at a word that differs from the article, or was replaced by its wording. */
function ofPlace(cue, from) {
  const own = (w) => (w.origin === "spoken" || w.origin === "edited" ? placeAt(w) : null);
  const place = own(cue.words[from]);
  if (!place?.article) return null;
  let to = from + 1;
  while (to < cue.words.length && own(cue.words[to])?.number === place.number) to += 1;
  const glued = new Set(data.article.glued);
  const words = data.article.words.slice(...place.article).map((text, n) => ({ text, space: !glued.has(place.article[0] + n) }));
  const [written, shown] = [joined(words), joined(cue.words.slice(from, to))];
  const edited = cue.words[from].origin === "edited";
  const shows = !edited || shown === place.said ? "heard" : shown === written ? "written" : null;
  return { from, to, heard: edited ? place.said : shown, written, shows };
}

/** The choice of wording at a word whose spelling the publisher's replaced. */
function ofSpelling(cue, from) {
  const { heard } = cue.words[from];
  if (!heard) return null;
  let to = from + 1;
  while (to < cue.words.length && cue.words[to].heard === "") to += 1;
  return { from, to, heard, written: joined(cue.words.slice(from, to)), shows: "written" };
}

/** Uses the article's wording ("written") or the recogniser's ("heard") at the selected word. */
export function take(whose) {
  const at = chosenPlace();
  const cue = cues()[at];
  if (!cue) return;
  const open = choices(cue).filter((c) => c.shows !== whose);
  const choice = open.find((c) => chosen.word >= c.from && chosen.word < c.to) ?? open[0];
  if (!choice) {
    announce(whose === "written" ? "The article has no other words here." : "Nothing else was heard here.");
    return;
  }
  takeThis(at, choice, whose);
}

function takeThis(at, choice, whose) {
  const text = choice[whose];
  done(wording(cues(), at, choice.from, choice.to, text), `Now: ${text}`);
}

// ---------------------------------------------------------------- display

const box = byId("inspector");

function show() {
  const at = chosenPlace();
  const cue = cues()[at];
  byId("chosen").hidden = !cue;
  byId("not-chosen").hidden = Boolean(cue);
  if (!cue) return;
  byId("which").textContent = `Cue ${at + 1} of ${cues().length}`;
  byId("origin").textContent = NAMES[cue.origin];
  byId("origin").dataset.origin = cue.origin;
  setUnlessTyping(byId("in-time"), clock3(cue.start));
  setUnlessTyping(byId("out-time"), clock3(cue.end));
  byId("length-of").textContent = `${((cue.end - cue.start) / 1000).toFixed(2)} s`;
  const found = remarks(cues(), at, profile);
  const fast = found.find((r) => r.rule === "reading-speed");
  byId("cps").textContent = fast?.what ?? `${speed(cue).toFixed(1)} characters a second`;
  byId("cps").classList.toggle("over", fast !== undefined);
  const others = found.filter((r) => r !== fast);
  byId("lint").replaceChildren(...others.map((r) => h("li", { text: r.what })));
  byId("lint-none").hidden = found.length > 0;
  showChoices(at, cue);
}

/** Shows the choices again; the same button keeps the focus. */
function showChoices(at, cue) {
  const list = byId("choices");
  const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...choices(cue).map((c) => choiceShown(at, c)));
  if (focused >= 0) (list.querySelectorAll("button")[focused] ?? byId("do-edit")).focus();
}

const NAMES = {
  verified: "as in the article",
  respelled: "the article’s or the glossary’s spelling",
  found: "found by its sound",
  spoken: "not all in the article",
  interpolated: "times are a guess",
  edited: "edited",
};

function clock3(time) {
  return `${clock(time)}${String(Math.round(time) % 100).padStart(2, "0")}`;
}

function setUnlessTyping(field, value) {
  if (document.activeElement !== field) field.value = value;
}

function choiceShown(at, choice) {
  const button = (whose, key, label) =>
    h("button", {
      type: "button", class: "pick", "aria-pressed": String(choice.shows === whose),
      onclick: () => choice.shows !== whose && takeThis(at, choice, whose),
    }, h("span", { class: "whose", text: label }), h("span", { class: "says", dir: "auto", text: choice[whose] }), h("kbd", { text: key, "aria-hidden": "true" }));
  return h("li", {}, button("heard", "H", "heard"), button("written", "A", "article"));
}

function typedTime(which) {
  const field = byId(`${which}-time`);
  const value = parsed(field.value);
  const at = chosenPlace();
  const cue = cues()[at];
  if (value === null || !cue) {
    announce("Not a time: write minutes:seconds, such as 1:02.300.");
    field.setAttribute("aria-invalid", "true");
    return;
  }
  field.removeAttribute("aria-invalid");
  correct(which === "in" ? retime(cues(), at, value, cue.end) : retime(cues(), at, cue.start, value));
  field.value = clock3(cues()[at][which === "in" ? "start" : "end"]);
}

const BUTTONS = {
  "do-edit": edit,
  "do-split": split,
  "do-join": joinNext,
  "do-add": add,
  "do-drop": remove,
  "do-replay": replay,
  "in-back": () => nudge("in", -1),
  "in-on": () => nudge("in", 1),
  "out-back": () => nudge("out", -1),
  "out-on": () => nudge("out", 1),
  "in-here": () => setHere("in"),
  "out-here": () => setHere("out"),
};

export function startInspector() {
  for (const [id, work] of Object.entries(BUTTONS)) {
    byId(id).addEventListener("pointerdown", (event) => id === "do-split" && event.preventDefault());
    byId(id).addEventListener("click", work);
  }
  for (const which of ["in", "out"]) byId(`${which}-time`).addEventListener("change", () => typedTime(which));
  on("cues", show);
  on("chosen", show);
  box.classList.toggle("long", (data.duration_ms ?? 0) >= 3_600_000);
  show();
}
