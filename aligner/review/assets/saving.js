// Saves NAME.vtt and NAME.json: through the server if there is one, else as downloads.

import { announce, byId, h } from "./dom.js";
import { editing } from "./captions.js";
import { drop } from "./cues.js";
import { correct, cues, data, drafts, history, on, redo, saved, tell, undo, unsaved, voices } from "./state.js";
import { vtt } from "./vtt.js";

const served = data.served;

/** The cues, words and voices in the form of the sidecar. */
export function corrected() {
  const list = cues();
  return {
    ...(voices().length ? { voices: voices() } : {}),
    cues: list.map((c) => ({ start_ms: c.start, end_ms: c.end, lines: c.lines, origin: c.origin })),
    words: list.flatMap((c) => c.words.map(wordRecord)),
  };
}

function wordRecord(w) {
  const record = {
    text: w.text, start_ms: w.start, end_ms: w.end, origin: w.origin, score: w.score, article_word: w.article,
  };
  if (!w.space) record.space_before = false;
  if (w.speaker !== null) record.speaker = w.speaker;
  if (w.heard !== null) record.heard = w.heard;
  if (w.glossary !== null) record.glossary = w.glossary;
  return record;
}

// ---------------------------------------------------------------- with a server

async function post(version) {
  const mark = history.done.at(-1);
  const count = cues().length;
  const body = JSON.stringify({ version, ...corrected() });
  const answer = await fetch(served.save, { method: "POST", headers: { "content-type": "application/json" }, body });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    data.version = told.version;
    saved.mark = mark;
    drafts.moveTo(told.version);
    if (unsaved()) drafts.add({ at: 0, remove: count, add: [...cues()], what: "meanwhile", voices: voices() });
    tell("saved", null);
    announce("Saved.");
    return true;
  }
  if (answer.status === 409) ask(told);
  else announce(`Not saved: ${told.reason ?? `the server says ${answer.status}`}. Your corrections are kept here.`);
  return false;
}

function ask(told) {
  const dialog = byId("conflict");
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "mine") post(told.version);
    else if (dialog.returnValue === "theirs") {
      drafts.clear();
      location.reload();
    }
  }, { once: true });
}

// ---------------------------------------------------------------- without a server

function download(name, text, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function sidecar() {
  const list = (items) => (items.length ? `[\n${items.map((i) => `  ${JSON.stringify(i)}`).join(",\n")}\n ]` : "[]");
  const parts = Object.entries({ ...data.record, ...corrected() }).map(([key, value]) =>
    ` ${JSON.stringify(key)}: ${Array.isArray(value) ? list(value) : JSON.stringify(value)}`);
  return `{\n${parts.join(",\n")}\n}\n`;
}

/** Removes cues without text, which are not valid captions, before a save. */
function dropEmpty() {
  for (let at = cues().length - 1; at >= 0; at -= 1) if (!cues()[at].lines.length) correct(drop(cues(), at));
}

/** Saves on the server, or as two downloads. */
export async function save() {
  editing()?.keep();
  dropEmpty();
  if (!served) {
    download(`${data.name}.vtt`, vtt(data.vtt_head, cues(), voices()), "text/vtt");
    download(`${data.name}.json`, sidecar(), "application/json");
    announce("Downloaded; put both files in the place of the old ones.");
    return;
  }
  try {
    await post(data.version);
  } catch {
    announce("Not saved: the server does not answer. Your corrections are kept here.");
  }
}

function showState() {
  const open = unsaved();
  byId("undo").disabled = !history.done.length;
  byId("redo").disabled = !history.undone.length;
  byId("state").textContent = open ? (saved.kept ? "not saved yet, kept in this browser" : "not saved: this browser keeps nothing") : history.done.length ? "saved" : "";
  byId("save").classList.toggle("due", open);
  document.title = `${open ? "• " : ""}${data.title ?? data.name} – review`;
}

export function startSaving() {
  byId("save").textContent = served ? "Save" : "Download";
  byId("save").addEventListener("click", save);
  byId("undo").addEventListener("click", undo);
  byId("redo").addEventListener("click", redo);
  const exports = served?.exports ?? [];
  byId("exports").hidden = !exports.length;
  byId("exports-list").append(...exports.map(([kind, address, name]) => h("li", {}, h("a", { href: address, download: name, text: kind.toUpperCase() }))));
  byId("put-off").addEventListener("click", () => {
    while (unsaved() && undo());
    drafts.clear();
    byId("restored").hidden = true;
    tell("saved", null);
  });
  on("saved", showState);
  addEventListener("beforeunload", (event) => {
    editing()?.keep();
    if (unsaved() && !saved.kept) event.preventDefault();
  });
  showState();
}
