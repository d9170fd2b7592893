// The article: marks text that is not spoken or spoken in other words; a click seeks.

import { byId, h } from "./dom.js";
import { seek } from "./player.js";
import { choose, cues, data, on, tell } from "./state.js";

export const pane = byId("article-pane");
const text = data.article;
const glued = new Set(text.glued);
/** The text nodes in order: { from, to, node, starts }; `starts` has each word's offset in the node. */
const nodes = [];

const placeOfWord = new Map();
data.places.forEach((place, number) => {
  if (place.article) for (let n = place.article[0]; n < place.article[1]; n += 1) placeOfWord.set(n, number);
});

function words(from, to) {
  const starts = [];
  let out = "";
  for (let n = from; n < to; n += 1) {
    if (!glued.has(n) && n !== from) out += " ";
    starts.push(out.length);
    out += text.words[n];
  }
  const node = document.createTextNode(out);
  nodes.push({ from, to, node, starts });
  return node;
}

/** Splits a paragraph into plain text and a mark for each divergence. */
function parts({ runs }) {
  const first = runs[0]?.[1];
  const out = [];
  let mark = null;
  for (const [fate, start, end] of runs) {
    for (let at = start; at < end; ) {
      const number = placeOfWord.get(at);
      let stop = at + 1;
      while (stop < end && placeOfWord.get(stop) === number) stop += 1;
      const node = words(at, stop);
      const lead = glued.has(at) || at === first ? "" : " ";
      if (lead && !(mark && mark.place === number)) out.push(lead);
      if (number === undefined || fate === "said") {
        mark = null;
        out.push(fate === "silent" ? h("span", { class: "silent" }, node) : node);
      } else if (mark?.place === number) mark.append(lead, node);
      else {
        mark = marked(number, node);
        out.push(mark);
      }
      at = stop;
    }
  }
  return out;
}

function marked(number, node) {
  const place = data.places[number];
  const kind = place.said ? "changed" : "unspoken";
  const tells = place.said ? `the speaker says: ${place.said}` : "not spoken";
  const mark = h("mark", { class: kind, "data-place": String(number), "aria-description": tells }, node);
  mark.place = number;
  return mark;
}

const TAGS = { title: "h3", heading: "h4", summary: "p", body: "p", caption: "p" };

// ---------------------------------------------------------------- words and times

let byArticle = null;

/** The caption word that is matched with an article word, or with the nearest one before it. */
function spokenFor(n) {
  if (!byArticle) {
    byArticle = new Map();
    for (const cue of cues()) {
      for (const [k, w] of cue.words.entries()) if (w.article !== null) byArticle.set(w.article, { id: cue.id, k, w });
    }
  }
  for (let at = n; at >= 0 && at > n - 200; at -= 1) if (byArticle.has(at)) return byArticle.get(at);
  return null;
}

function nodeOf(n) {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].from <= n) low = middle + 1;
    else high = middle;
  }
  const entry = nodes[low - 1];
  return entry && n < entry.to ? entry : null;
}

/** The position of an article word on the screen, as a DOM range. */
function rangeOf(n) {
  const entry = nodeOf(n);
  if (!entry) return null;
  const range = new Range();
  const start = entry.starts[n - entry.from];
  range.setStart(entry.node, start);
  range.setEnd(entry.node, start + text.words[n].length);
  return range;
}

function wordUnder(event) {
  const at = document.caretPositionFromPoint
    ? document.caretPositionFromPoint(event.clientX, event.clientY)
    : document.caretRangeFromPoint?.(event.clientX, event.clientY);
  const node = at?.offsetNode ?? at?.startContainer;
  const offset = at?.offset ?? at?.startOffset ?? 0;
  const entry = nodes.find((e) => e.node === node);
  if (!entry) return null;
  const k = entry.starts.findLastIndex((start) => start <= offset);
  return entry.from + Math.max(0, k);
}

function clicked(event) {
  const n = wordUnder(event);
  const found = n === null ? null : spokenFor(n);
  if (!found) return;
  choose(found.id, found.k);
  seek(found.w.start);
}

/** Scrolls the pane so that a range is in its middle, unless it is visible. */
function show(range) {
  const box = range.getBoundingClientRect();
  const view = pane.getBoundingClientRect();
  if (!box.height || !view.height) return;
  if (box.top < view.top + 40 || box.bottom > view.bottom - 40) {
    pane.scrollTop += box.top - view.top - view.height / 3;
  }
}

/** Scrolls to a span of article words, unless it is visible. */
export function showWords([from]) {
  const range = rangeOf(from);
  if (range) show(range);
}

export function startArticle() {
  const made = text.passages.map((passage) =>
    h(TAGS[passage.role] ?? "p", { class: passage.role, dir: "auto", lang: data.article_lang }, ...parts(passage)),
  );
  byId("article-text").append(...made);
  for (const part of made) tell("group", part);
  byId("article-empty").hidden = made.length > 0;
  byId("article-text").addEventListener("click", clicked);
  on("cues", () => {
    byArticle = null;
  });
  on("spoken", (w) => {
    const range = w && w.article !== null ? rangeOf(w.article) : null;
    globalThis.CSS?.highlights?.delete("spoken");
    if (!range) return;
    globalThis.CSS?.highlights?.set("spoken", new Highlight(range));
    show(range);
  });
}
