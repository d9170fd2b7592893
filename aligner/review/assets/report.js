// The list of results: sorted by any column, filtered by text and by status.

import { byId, h } from "./dom.js";

const { rows } = JSON.parse(byId("data").textContent);
const minutes = (ms) => (ms === null ? "" : `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`);
const percent = (share) => (share === null ? "" : `${Math.round(share * 100)} %`);
const COLUMNS = [
  ["title", "Article", null],
  ["status", "Status", (v) => v.replace("_", " ")],
  ["look", "To look at", String],
  ["edited", "Edited cues", String],
  ["cues", "Cues", String],
  ["speech", "Speech in article", percent],
  ["article", "Article spoken", percent],
  ["duration_ms", "Length", minutes],
  ["language", "Language", (v) => v ?? ""],
];
const order = { by: "look", down: true };

function compare(a, b) {
  const [x, y] = [a[order.by], b[order.by]];
  const way = typeof x === "string" || typeof y === "string" ? String(x ?? "").localeCompare(String(y ?? "")) : (x ?? -1) - (y ?? -1);
  return (order.down ? -way : way) || a.title.localeCompare(b.title);
}

function shownRow(row) {
  const cells = COLUMNS.slice(1).map(([key, , show]) => h("td", { class: typeof row[key] === "number" ? "number" : null, text: show(row[key]) }));
  const name = h("th", { scope: "row" }, h("a", { href: row.address, dir: "auto", text: row.title }), h("span", { class: "why", text: row.reason }));
  return h("tr", { "data-status": row.status }, name, ...cells);
}

function show() {
  const words = byId("find").value.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  const status = byId("status").value;
  const fits = rows.filter((row) => {
    const text = `${row.title} ${row.name} ${row.reason}`.toLocaleLowerCase();
    return (!status || row.status === status) && words.every((word) => text.includes(word));
  });
  byId("rows").replaceChildren(...fits.sort(compare).map(shownRow));
  byId("none").hidden = fits.length > 0;
  byId("summary").textContent = `${fits.length} of ${rows.length} results`;
  for (const head of byId("heads").children) {
    const on = head.dataset.key === order.by;
    head.setAttribute("aria-sort", on ? (order.down ? "descending" : "ascending") : "none");
  }
}

function sortBy(key) {
  order.down = order.by === key ? !order.down : key !== "title" && key !== "status";
  order.by = key;
  show();
}

byId("heads").append(...COLUMNS.map(([key, title]) =>
  h("th", { scope: "col", "data-key": key }, h("button", { type: "button", text: title, onclick: () => sortBy(key) }))));
byId("status").append(...[...new Set(rows.map((row) => row.status))].sort().map((name) => h("option", { value: name, text: name.replace("_", " ") })));
byId("find").addEventListener("input", show);
byId("status").addEventListener("change", show);
show();
document.documentElement.dataset.ready = "yes";
