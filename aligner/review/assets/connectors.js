// Lines that connect the spoken words of a divergence with the article's, between the columns.

import { byId } from "./dom.js";
import { pane as left } from "./captions.js";
import { pane as right } from "./article.js";
import { data, on } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";
const gutter = byId("connectors");
const marks = { said: new Map(), written: new Map() };
/** The groups of cues and the paragraphs of the article that are visible. */
const inSight = new Set();
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) inSight.add(entry.target);
    else inSight.delete(entry.target);
  }
  later();
});
let asked = false;

function later() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}


/** The first mark of a divergence on one side, if it is on the page. */
function partner(number, where) {
  const known = marks[where].get(number);
  if (known?.isConnected) return known;
  const pane = where === "said" ? left : right;
  const found = pane.querySelector(`mark[data-place="${number}"]`);
  if (found) marks[where].set(number, found);
  return found;
}

function edges(element, area) {
  const box = element.getBoundingClientRect();
  const inside = (y) => Math.round(Math.min(Math.max(y - area.top, -8), area.height + 8));
  return [inside(box.top), inside(box.bottom)];
}

function draw() {
  const area = gutter.getBoundingClientRect();
  if (!area.width) return;
  const numbers = new Set();
  for (const part of inSight) for (const mark of part.querySelectorAll("mark")) numbers.add(Number(mark.dataset.place));
  gutter.setAttribute("viewBox", `0 0 ${area.width} ${area.height}`);
  gutter.replaceChildren(...[...numbers].map((n) => curve(n, area)).filter(Boolean));
}

function curve(number, area) {
  const place = data.places[number];
  if (!place.article || place.start_ms === null) return null;
  const [said, written] = [partner(number, "said"), partner(number, "written")];
  if (!said || !written) return null;
  const [a, b] = edges(said, area);
  const [c, d] = edges(written, area);
  if ((b < 0 && d < 0) || (a > area.height && c > area.height)) return null;
  const path = document.createElementNS(SVG, "path");
  const w = area.width;
  const m = w / 2;
  path.setAttribute("d", `M0 ${a}C${m} ${a} ${m} ${c} ${w} ${c}L${w} ${d}C${m} ${d} ${m} ${b} 0 ${b}Z`);
  path.setAttribute("class", "changed");
  path.dataset.place = String(number);
  return path;
}

function point(event) {
  const mark = event.target.closest?.("mark");
  const number = event.type === "pointerover" && mark ? mark.dataset.place : null;
  if (number === point.last) return;
  for (const old of document.querySelectorAll(".pointed")) old.classList.remove("pointed");
  point.last = number;
  if (number === null) return;
  for (const part of document.querySelectorAll(`[data-place="${number}"]`)) part.classList.add("pointed");
}

export function startConnectors() {
  on("group", (part) => watch.observe(part));
  for (const pane of [left, right]) {
    pane.addEventListener("scroll", later, { passive: true });
    pane.addEventListener("pointerover", point);
    pane.addEventListener("pointerleave", point);
  }
  on("cues", later);
  new ResizeObserver(later).observe(gutter);
}
