// The waveform with the segments of speech, and the cues as blocks that can be dragged.

import { byId, h } from "./dom.js";
import { move, retime } from "./cues.js";
import { seek } from "./player.js";
import { choose, chosen, correct, cues, data, frame, now, on, placeOf } from "./state.js";
import { clock, lastStarted } from "./times.js";

const box = byId("wave");
const canvas = byId("wave-canvas");
const blocks = byId("wave-blocks");
const head = byId("wave-head");
const end = () => data.duration_ms ?? cues().at(-1)?.end ?? 1000;
const view = { from: 0, span: 20_000 };
const LEAST_SPAN = 1500;
const shown = new Map();
let peaks = new Uint8Array();
let asked = false;

function decoded(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k += 1) bytes[k] = raw.charCodeAt(k);
  return bytes;
}

/** The canvas's size in pixels; reading it from the page each time would force a layout. */
const size = { width: 0, height: 0 };
const x = (ms) => ((ms - view.from) / view.span) * size.width;
const ms = (px) => view.from + (px / Math.max(1, size.width)) * view.span;

function later() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

// ---------------------------------------------------------------- drawing

function draw() {
  const { width, height } = size;
  if (!width) return;
  const ratio = globalThis.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(box);
  drawSpeech(pen, height, style);
  drawTicks(pen, width, height, style);
  drawPeaks(pen, width, height, style);
  drawBlocks();
  drawHead();
}

function drawSpeech(pen, height, style) {
  pen.fillStyle = style.getPropertyValue("--speech");
  for (const [from, to] of data.sound?.speech ?? []) {
    if (to > view.from && from < view.from + view.span) pen.fillRect(x(from), 0, x(to) - x(from), height);
  }
}

const STEPS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000];

function drawTicks(pen, width, height, style) {
  const step = STEPS.find((s) => (s / view.span) * width > 80) ?? STEPS.at(-1);
  pen.fillStyle = style.getPropertyValue("--muted");
  const letters = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.7;
  pen.font = `${letters}px system-ui, sans-serif`;
  for (let at = Math.ceil(view.from / step) * step; at < view.from + view.span; at += step) {
    pen.globalAlpha = 0.35;
    pen.fillRect(x(at), 0, 1, height);
    pen.globalAlpha = 1;
    pen.fillText(step < 1000 ? clock(at) : clock(at).replace(/\.\d$/u, ""), x(at) + 4, letters);
  }
}

function drawPeaks(pen, width, height, style) {
  if (!peaks.length) return;
  pen.fillStyle = style.getPropertyValue("--sound");
  const step = data.sound.step_ms;
  const middle = (height + 14) / 2;
  for (let px = 0; px < width; px += 1) {
    const from = Math.floor(ms(px) / step);
    const to = Math.max(from + 1, Math.floor(ms(px + 1) / step));
    let most = 0;
    for (let k = Math.max(0, from); k < to && k < peaks.length; k += 1) if (peaks[k] > most) most = peaks[k];
    const tall = Math.max(1, (most / 255) ** 1.6 * (height - 22));
    pen.fillRect(px, middle - tall / 2, 1, tall);
  }
}

function drawHead() {
  head.style.transform = `translateX(${x(now.ms)}px)`;
  head.hidden = now.ms < view.from || now.ms > view.from + view.span;
}

// ---------------------------------------------------------------- the cues as blocks

function drawBlocks() {
  const list = cues();
  let at = Math.max(0, lastStarted(list, view.from));
  const wanted = new Set();
  if (view.span < 180_000) {
    for (; at < list.length && list[at].start < view.from + view.span; at += 1) {
      if (list[at].end > view.from) wanted.add(list[at].id);
      if (list[at].end > view.from) place(list[at]);
    }
  }
  for (const [id, element] of shown) {
    if (wanted.has(id)) continue;
    element.remove();
    shown.delete(id);
  }
}

function place(cue) {
  let element = shown.get(cue.id);
  if (!element) {
    element = h("div", { class: "block" }, h("span", { class: "grip in" }), h("span", { class: "label" }), h("span", { class: "grip out" }));
    element.id_ = cue.id;
    shown.set(cue.id, element);
    blocks.append(element);
  }
  element.style.transform = `translateX(${x(cue.start)}px)`;
  element.style.width = `${Math.max(3, x(cue.end) - x(cue.start))}px`;
  element.dataset.origin = cue.origin;
  element.classList.toggle("chosen", cue.id === chosen.id);
  element.classList.toggle("now", now.ms >= cue.start && now.ms < cue.end);
  const label = element.children[1];
  const text = cue.lines.join(" ");
  if (label.textContent !== text) label.textContent = text;
}

// ---------------------------------------------------------------- dragging

function grab(event) {
  if (event.button !== 0) return;
  const element = event.target.closest(".block");
  if (!element) {
    drag(event, (px) => seek(ms(px)), true);
    return;
  }
  const cue = cues()[placeOf(element.id_)];
  choose(cue.id, 0);
  const grip = event.target.classList.contains("grip") ? event.target.classList[1] : "all";
  const from = px(event);
  let merge = false;
  drag(event, (to) => {
    const by = ((to - from) / size.width) * view.span;
    if (!merge && Math.abs(to - from) < 3) return;
    if (correct(moved(cue, grip, by), merge)) merge = true;
  }, false, () => {
    if (!merge) seek(ms(from));
  });
}

function moved(cue, grip, by) {
  const at = placeOf(cue.id);
  const was = [...cues().slice(0, at), cue, ...cues().slice(at + 1)];
  const round = (value) => Math.round(Math.round(value / frame) * frame);
  if (grip === "in") return retime(was, at, round(cue.start + by), cue.end);
  if (grip === "out") return retime(was, at, cue.start, round(cue.end + by));
  return move(was, at, round(by));
}

const px = (event) => event.clientX - box.getBoundingClientRect().left;

function drag(event, work, atOnce, done = () => {}) {
  event.preventDefault();
  box.setPointerCapture(event.pointerId);
  if (atOnce) work(px(event));
  const go = (e) => work(px(e));
  const stop = () => {
    box.removeEventListener("pointermove", go);
    done();
  };
  box.addEventListener("pointermove", go);
  box.addEventListener("lostpointercapture", stop, { once: true });
}

// ---------------------------------------------------------------- visible range

function look(from, span = view.span) {
  view.span = Math.min(Math.max(span, LEAST_SPAN), Math.max(end(), LEAST_SPAN));
  view.from = Math.min(Math.max(0, from), Math.max(0, end() - view.span));
  later();
}

export function zoom(factor, around = now.ms) {
  const share = (around - view.from) / view.span;
  const inside = share >= 0 && share <= 1 ? share : 0.5;
  const span = Math.min(Math.max(view.span * factor, LEAST_SPAN), end());
  look((inside === share ? around : view.from + view.span / 2) - inside * span, span);
}

function wheel(event) {
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, ms(px(event)));
  else look(view.from + ((event.deltaX || event.deltaY) / size.width) * view.span);
}

function follow(jumped) {
  const share = (now.ms - view.from) / view.span;
  if (share < 0 || share > 1 || (now.playing && share > 0.9)) look(now.ms - view.span * (now.playing ? 0.1 : 0.3));
  else drawHead();
  if (jumped) later();
}

function takeSound() {
  if (data.sound) peaks = decoded(data.sound.peaks);
  byId("wave-empty").hidden = peaks.length > 0;
  byId("wave-empty").textContent = data.served?.sound ? "Listening…" : "No outline of the sound";
  later();
}

export function startWave() {
  takeSound();
  on("sound", takeSound);
  view.span = Math.min(20_000, end());
  box.addEventListener("pointerdown", grab);
  box.addEventListener("wheel", wheel, { passive: false });
  byId("wave-in").addEventListener("click", () => zoom(0.6));
  byId("wave-out").addEventListener("click", () => zoom(1.6));
  on("time", follow);
  for (const name of ["cues", "theme"]) on(name, later);
  on("spoken", () => drawBlocks());
  on("chosen", () => {
    const cue = cues()[placeOf(chosen.id)];
    if (cue && !now.playing && (cue.start < view.from || cue.end > view.from + view.span)) look(cue.start - view.span * 0.2);
    later();
  });
  new ResizeObserver(() => {
    size.width = box.clientWidth;
    size.height = box.clientHeight;
    later();
  }).observe(box);
}
