// The panel of voices: an excerpt to hear, the evidence, names to accept, rename, merge, move a turn.

import { announce, byId, h } from "./dom.js";
import { play } from "./player.js";
import { chosen, chosenPlace, correct, cues, data, on, voices } from "./state.js";
import { clock } from "./times.js";
import { accepted, excerptOf, labelOf, merged, moved, named, turnsOf, unsureFirst } from "./voices.js";

const place = byId("voice-list");
let last = null;

const done = (splice, text) => announce(correct(splice) ? text : "That changes nothing.");

const voiceAt = (id) => voices().find((voice) => voice.id === id);

// ---------------------------------------------------------------- commands

function hear(id) {
  last = id;
  const part = excerptOf(turnsOf(cues()), id);
  if (part) play(part.start, part.end);
  for (const item of place.children) item.classList.toggle("at", item.dataset.voice === id);
}

/** Goes to the next voice, unsure ones first, and plays it. */
export function nextVoice() {
  const order = unsureFirst(voices());
  const next = order[order.findIndex((voice) => voice.id === last) + 1] ?? order[0];
  if (!next) return;
  document.querySelector("[data-tab=voices]").click();
  hear(next.id);
  field(next.id, "hear").focus();
}

/** Gives the last voice the name that is suggested for it. */
export function acceptName() {
  const suggestion = voiceAt(last)?.suggestions?.[0];
  if (suggestion) accept(last, suggestion);
  else announce("No name is suggested for this voice.");
}

/** Moves the focus to a field of the last voice: "name" or "into". */
export function toField(name) {
  const voice = voiceAt(last) ?? unsureFirst(voices())[0];
  if (!voice) return;
  last = voice.id;
  document.querySelector("[data-tab=voices]").click();
  field(last, name)?.focus();
}

/** Moves the focus to the choice of a voice for the turn of the chosen word. */
export function toTurn() {
  if (!voices().length) return;
  document.querySelector("[data-tab=voices]").click();
  byId("turn-voice").focus();
}

function accept(id, suggestion) {
  done(accepted(cues(), voices(), id, suggestion), `Named ${suggestion.name}`);
}

function rename(id, name) {
  const splice = named(cues(), voices(), id, name);
  if (splice) done(splice, name.trim() ? `Named ${name.trim()}` : "The name is taken away");
}

function merge(from, into) {
  const [gone, kept] = [voiceAt(from), voiceAt(into)];
  if (gone && kept) done(merged(cues(), voices(), from, into), `${labelOf(gone)} is ${labelOf(kept)} now`);
}

function moveTurn() {
  const into = byId("turn-voice").value;
  const splice = moved(cues(), voices(), chosenPlace(), chosen.word, into);
  done(splice, "The turn has another voice");
}

// ---------------------------------------------------------------- display

const field = (id, name) => place.querySelector(`[data-voice="${CSS.escape(id)}"] [data-field="${name}"]`);

function show() {
  const focused = document.activeElement;
  const [item, name] = [focused?.closest?.("[data-voice]")?.dataset.voice, focused?.dataset?.field];
  const turns = turnsOf(cues());
  const unsure = voices().filter((voice) => !voice.name && voice.suggestions?.length).length;
  byId("voices-left").textContent = unsure ? `${unsure} with a name to accept or refuse` : "";
  place.replaceChildren(...unsureFirst(voices()).map((voice) => shown(voice, turns)));
  if (item && name) (field(item, name) ?? field(item, "hear") ?? place.querySelector("button"))?.focus();
  showTurn();
}

function shown(voice, turns) {
  const own = turns.filter((turn) => turn.voice === voice.id);
  const seconds = own.reduce((sum, turn) => sum + turn.end - turn.start, 0) / 1000;
  const label = labelOf(voice);
  const facts = `${own.length === 1 ? "1 turn" : `${own.length} turns`}, ${Math.round(seconds)} s, first at ${own.length ? clock(own[0].start) : "–"}`;
  return h("li", { "data-voice": voice.id, class: voice.id === last ? "at" : null },
    h("p", { class: "line" }, h("b", { dir: "auto", text: label }), h("span", { class: "facts", text: facts })),
    h("ul", { class: "why" }, ...voice.evidence.map((text) => h("li", { dir: "auto", text }))),
    ...(voice.suggestions ?? []).map((suggestion) => suggestionShown(voice, suggestion)),
    h("div", { class: "row" },
      h("button", { type: "button", "data-field": "hear", "aria-label": `Hear ${label}`, text: "Hear", onclick: () => hear(voice.id) }),
      nameField(voice, label)),
    mergeRow(voice, label));
}

function suggestionShown(voice, { name, why }) {
  return h("div", { class: "suggestion" },
    h("button", { type: "button", "data-field": "accept", text: `Name: ${name}`, onclick: () => accept(voice.id, { name, why }) }),
    h("span", { class: "why", dir: "auto", text: why }));
}

function nameField(voice, label) {
  const input = h("input", {
    "data-field": "name", "aria-label": `Name of ${label}`, placeholder: "Name", autocomplete: "off", spellcheck: "false", dir: "auto",
    onchange: () => rename(voice.id, input.value), onfocus: () => { last = voice.id; },
  });
  input.value = voice.name ?? "";
  return input;
}

function mergeRow(voice, label) {
  const others = voices().filter((other) => other !== voice);
  if (!others.length) return null;
  const into = h("select", { "data-field": "into", "aria-label": `The same voice as ${label}` }, ...others.map((other) => h("option", { value: other.id, text: labelOf(other) })));
  return h("div", { class: "row" }, h("span", { class: "why", text: "The same as" }), into,
    h("button", { type: "button", "data-field": "merge", "aria-label": `Merge ${label} into the voice chosen`, text: "Merge", onclick: () => merge(voice.id, into.value) }));
}

/** Shows whose turn the chosen word is in. */
function showTurn() {
  const cue = cues()[chosenPlace()];
  const speaker = (cue?.words[chosen.word] ?? cue?.words[0])?.speaker ?? null;
  const select = byId("turn-voice");
  if (document.activeElement !== select || select.options.length !== voices().length + 1) {
    const list = voices().map((voice) => h("option", { value: voice.id, text: labelOf(voice) }));
    select.replaceChildren(...list, h("option", { value: "", text: "a new voice" }));
  }
  if (document.activeElement !== select && speaker !== null) select.value = speaker;
  byId("turn-move").disabled = speaker === null;
}

export function startSpeakers() {
  const has = data.voices.length > 0;
  byId("voices").hidden = !has;
  byId("tab-voices").hidden = !has;
  if (!has) return;
  byId("turn-move").addEventListener("click", moveTurn);
  on("cues", show);
  on("chosen", showTurn);
  show();
}
