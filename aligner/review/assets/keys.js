// Keyboard commands, and the list of keys.

import { byId, h, typing } from "./dom.js";
import { edit, editing, leave, replay, step, stepWord } from "./captions.js";
import { add, joinNext, nudge, remove, setHere, split, take } from "./inspector.js";
import { next, tick } from "./issues.js";
import { seek, toggle } from "./player.js";
import { chosen, data, frame, now, redo, undo } from "./state.js";
import { save } from "./saving.js";
import { acceptName, nextVoice, toField, toTurn } from "./speakers.js";
import { zoom } from "./wave.js";

/** For each key: section, keys, description, action. Single-character keys can be turned off. */
const KEYS = [
  ["Look", "Space", "play or pause", toggle],
  ["Look", "R", "hear the cue again", replay],
  ["Look", "ArrowUp", "the cue before", () => step(-1)],
  ["Look", "ArrowDown", "the next cue", () => step(1)],
  ["Look", "ArrowLeft", "the word before", () => stepWord(-1)],
  ["Look", "ArrowRight", "the next word", () => stepWord(1)],
  ["Look", ",", "a frame back", () => seek(now.ms - frame)],
  ["Look", ".", "a frame on", () => seek(now.ms + frame)],
  ["Look", "N", "the next place to look at", next],
  ["Look", "X", "tick the place off", tick],
  ["Look", "+", "see less of the sound, larger", () => zoom(0.6)],
  ["Look", "-", "see more of the sound, smaller", () => zoom(1.6)],
  ["Correct", "Enter", "edit the text", edit],
  ["Correct", "Escape", "leave the text", leave],
  ["Correct", "S", "split before the chosen word", split],
  ["Correct", "Ctrl+Enter", "split at the cursor", split],
  ["Correct", "J", "join with the next cue", joinNext],
  ["Correct", "A", "take the article’s wording", () => take("written")],
  ["Correct", "H", "take what was heard", () => take("heard")],
  ["Correct", "I", "begin the cue here", () => setHere("in")],
  ["Correct", "O", "end the cue here", () => setHere("out")],
  ["Correct", "[", "begin a frame earlier", () => nudge("in", -1)],
  ["Correct", "]", "begin a frame later", () => nudge("in", 1)],
  ["Correct", "{", "end a frame earlier", () => nudge("out", -1)],
  ["Correct", "}", "end a frame later", () => nudge("out", 1)],
  ["Correct", "C", "a new cue here", add],
  ["Correct", "Delete", "drop the cue", remove],
  ...(data.voices.length ? [
    ["Voices", "V", "hear the next voice, unsure ones first", nextVoice],
    ["Voices", "Y", "take the name that is suggested", acceptName],
    ["Voices", "L", "the voice’s name", () => toField("name")],
    ["Voices", "M", "merge the voice with another", () => toField("into")],
    ["Voices", "T", "the voice of the chosen word’s turn", toTurn],
  ] : []),
  ["Keep", "Ctrl+Z", "undo", undo],
  ["Keep", "Ctrl+Shift+Z", "redo", redo],
  ["Keep", "Ctrl+Y", "redo", redo],
  ["Keep", "Ctrl+S", "save", save],
  ["Help", "?", "this list", () => help()],
];
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Delete: "Del" };
const work = new Map(KEYS.map(([, keys, , does]) => [keys, does]));
const WITHIN_TEXT = new Set(["Escape", "Ctrl+Enter", "Ctrl+S"]);
const KEPT_BY_CONTROLS = new Set(["Space", "Enter", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const OFF = "aligner-review/single-keys-off";

function nameOf(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const control = event.ctrlKey || event.metaKey;
  return `${control ? "Ctrl+" : ""}${control && event.shiftKey ? "Shift+" : ""}${key}`;
}

/** Whether the focused control uses the key itself. */
function wanted(target, name) {
  if (!KEPT_BY_CONTROLS.has(name) || !(target instanceof Element)) return false;
  if (target.closest("#cue-list")) return false;
  return target.closest("button, a, summary, input, select, label, [tabindex='0'], dialog") !== null;
}

function pressed(event) {
  if (event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const does = work.get(name);
  if (!does) return;
  const single = !name.startsWith("Ctrl+");
  if (typing(event.target) && !(event.target.matches("textarea") && WITHIN_TEXT.has(name)) && name !== "Ctrl+S") return;
  if (editing() && !WITHIN_TEXT.has(name)) return;
  if (wanted(event.target, name)) return;
  if (single && byId("single-keys").checked === false && !KEPT_BY_CONTROLS.has(name) && name !== "Escape") return;
  if (name === "Enter" && chosen.id === null) return;
  event.preventDefault();
  does();
}

function help() {
  byId("keys").showModal();
}

function listed() {
  const sections = new Map();
  for (const [section, keys, text] of KEYS) {
    const shown = keys.split(/(?<=.)\+(?=.)/u).map((k) => h("kbd", { text: NAMES[k] ?? k }));
    sections.set(section, [...(sections.get(section) ?? []), h("div", {}, h("dt", {}, ...shown), h("dd", { text }))]);
  }
  return [...sections].map(([name, rows]) => h("section", {}, h("h3", { text: name }), h("dl", {}, ...rows)));
}

export function startKeys() {
  byId("keys-list").append(...listed());
  byId("help").addEventListener("click", help);
  const single = byId("single-keys");
  try {
    single.checked = localStorage.getItem(OFF) === null;
    single.addEventListener("change", () => {
      if (single.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    });
  } catch {
    single.checked = true;
  }
  document.addEventListener("keydown", pressed);
}
