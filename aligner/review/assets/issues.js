// The issues to look at, worst first and in groups. A click goes to one; each can be ticked off.

import { byId, h } from "./dom.js";
import { remarks } from "./lint.js";
import { play } from "./player.js";
import { showWords } from "./article.js";
import { choose, chooseAt, cues, data, on, placeOf, profile } from "./state.js";
import { clock, lastStarted } from "./times.js";

const GROUPS = {
  uncaptioned: ["Speech without a caption", true],
  not_understood: ["Speech that was not understood", true],
  number: ["Numbers that differ", true],
  name: ["Names that differ", true],
  extra: ["Speech that is not in the article", true],
  times: ["Times that are a guess", true],
  speed: ["Faster than can be read", true],
  weak: ["Uncertain words", true],
  unspoken: ["Passages that nobody reads", false],
  rules: ["Against the profile", false],
  wording: ["Other wording", false],
};
const AT_ONCE = 6;
const place = byId("issue-list");
const key = `aligner-review/${data.name}/ticked`;
const open = new Map();
const more = new Set();
let ticked = new Set();

// ---------------------------------------------------------------- which issues there are

/** The issues that the command found, and the rules of the profile that the present cues break. */
function all() {
  const found = data.issues.map((d) => ({ ...d, id: `${d.group}:${d.start_ms ?? `w${d.article?.[0]}`}`, settled: settled(d) }));
  const list = cues();
  for (let at = 0; at < list.length; at += 1) found.push(...ofCue(list, at));
  return found;
}

function ofCue(list, at) {
  const cue = list[at];
  return remarks(list, at, profile).map(({ rule, what }) => ({
    group: rule === "reading-speed" ? "speed" : "rules",
    weight: rule === "reading-speed" ? 48 : 25,
    id: `${rule}:${cue.start}`,
    cue: cue.id,
    start_ms: cue.start,
    end_ms: cue.end,
    tells: `${cue.lines.join(" ").slice(0, 60)} – ${what}`,
  }));
}

/** Whether a person has settled an issue: its words are edited, or it has a caption by now. */
function settled(issue) {
  if (issue.start_ms === null) return false;
  const list = cues();
  const at = lastStarted(list, issue.end_ms);
  for (let k = Math.max(0, at - 3); k <= at; k += 1) {
    const cue = list[k];
    if (!cue || cue.origin !== "edited" || cue.end <= issue.start_ms || cue.start >= issue.end_ms) continue;
    if (issue.group === "uncaptioned" || issue.group === "not_understood" || issue.group === "times") return true;
    if (cue.words.some((w) => w.origin === "edited" && w.end > issue.start_ms && w.start < issue.end_ms)) return true;
  }
  return false;
}

const grouped = (found) => {
  const groups = new Map();
  for (const issue of found) groups.set(issue.group, [...(groups.get(issue.group) ?? []), issue]);
  for (const list of groups.values()) list.sort((a, b) => b.weight - a.weight || (a.start_ms ?? 0) - (b.start_ms ?? 0));
  return [...groups].sort((a, b) => b[1][0].weight - a[1][0].weight);
};

// ---------------------------------------------------------------- display

function show() {
  const focused = document.activeElement?.dataset?.issue;
  const found = all().filter((d) => !d.settled);
  const left = found.filter((d) => !ticked.has(d.id) && GROUPS[d.group][1]).length;
  byId("issues-left").textContent = left ? `${left} to look at` : "Nothing left to look at";
  place.replaceChildren(...grouped(found).map(groupShown));
  if (focused) place.querySelector(`button[data-issue="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function groupShown([name, list]) {
  const [title, loud] = GROUPS[name];
  const left = list.filter((d) => !ticked.has(d.id)).length;
  const shown = more.has(name) ? list : list.slice(0, AT_ONCE);
  const rest = list.length - shown.length;
  const items = shown.map(item);
  const button = rest
    ? h("li", {}, h("button", { type: "button", class: "more", text: `${rest} more`, onclick: () => {
        more.add(name);
        show();
      } }))
    : null;
  const box = h("details", { "data-group": name, open: open.get(name) ?? loud },
    h("summary", {}, h("span", { text: title }), h("span", { class: "count", text: String(left) })),
    h("ul", {}, ...items, button));
  box.addEventListener("toggle", () => open.set(name, box.open));
  return box;
}

function item(issue) {
  const done = ticked.has(issue.id);
  const tick = h("input", { type: "checkbox", "aria-label": `Looked at: ${tells(issue)}`, onchange: () => mark(issue.id, tick.checked) });
  tick.checked = done;
  const when = issue.start_ms === null ? "" : clock(issue.start_ms);
  const button = h("button", { type: "button", class: "issue", "data-issue": issue.id, onclick: () => go(issue) },
    h("span", { class: "when", text: when }), h("span", { class: "body" }, ...shownWords(issue)));
  return h("li", { class: done ? "done" : null }, tick, button);
}

function shownWords(issue) {
  if (issue.tells) return [h("span", { class: "tells", dir: "auto", text: issue.tells })];
  const parts = [];
  if (issue.said) parts.push(h("span", { class: "said", dir: "auto", text: short(issue.said) }));
  if (issue.written) {
    parts.push(h("span", { class: "for", text: issue.said ? "article:" : "" }), h("span", { class: "written", dir: "auto", text: short(issue.written) }));
  }
  if (!parts.length) parts.push(h("span", { class: "tells", text: `${((issue.end_ms - issue.start_ms) / 1000).toFixed(1)} s of speech` }));
  return parts;
}

const short = (text) => (text.length > 90 ? `${text.slice(0, 88).trimEnd()}…` : text);

const tells = (issue) => issue.tells ?? [issue.said, issue.written].filter(Boolean).join(" / ") ?? "";

function mark(id, yes) {
  if (yes) ticked.add(id);
  else ticked.delete(id);
  try {
    localStorage.setItem(key, JSON.stringify([...ticked]));
  } catch {
    // without storage, ticks are kept until the page is closed
  }
  show();
}

/** Goes to an issue: plays it, and shows it in both columns. */
function go(issue) {
  go.last = issue.id;
  place.querySelector(".at")?.classList.remove("at");
  place.querySelector(`button[data-issue="${CSS.escape(issue.id)}"]`)?.classList.add("at");
  if (issue.start_ms !== null) {
    if (issue.cue !== undefined && placeOf(issue.cue) >= 0) choose(issue.cue);
    else chooseAt(issue.start_ms);
    play(Math.max(0, issue.start_ms - 400), issue.end_ms + 400);
  }
  if (issue.article) showWords(issue.article);
}

/** The next issue that is not ticked off. */
export function next() {
  const buttons = [...place.querySelectorAll("details[open] li:not(.done) button.issue")];
  const at = buttons.findIndex((b) => b.dataset.issue === go.last);
  const button = buttons[at + 1] ?? buttons[0];
  button?.focus();
  button?.click();
}

/** Ticks off the last issue, or unticks it. */
export function tick() {
  if (go.last) mark(go.last, !ticked.has(go.last));
}

export function startIssues() {
  try {
    ticked = new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
  } catch {
    ticked = new Set();
  }
  on("sound", show);
  let waiting = 0;
  on("cues", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 250);
  });
  show();
}
