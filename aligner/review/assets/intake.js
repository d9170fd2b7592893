// Lets a reader give a recording to an article without captions, and shows the job's progress.

import { byId } from "./dom.js";
import { cues, data, on } from "./state.js";

const served = data.served ?? {};
const POLL_MS = 600;
const STAGES = {
  download: "Fetching the recording", decode: "Decoding the sound", listen: "Listening", match: "Matching",
  timing: "Timing", upload: "Sending the recording", waiting: "Waiting for what is being done before",
};

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const seconds = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

/** A stage's progress as text. */
export function progressText({ stage, done, total }) {
  const what = STAGES[stage] ?? "Working";
  if (!done) return `${what}…`;
  const show = stage === "download" || stage === "upload" ? megabytes : seconds;
  return total ? `${what}: ${show(done)} of ${show(total)}` : `${what}: ${show(done)}`;
}

function busy(on) {
  byId("intake-progress").hidden = !on;
  byId("intake-give").inert = on;
  byId("fetch-media").disabled = on;
}

function show(now) {
  const text = progressText(now);
  if (byId("intake-stage").textContent !== text) byId("intake-stage").textContent = text;
  const bar = byId("intake-bar");
  if (now.total) {
    bar.max = now.total;
    bar.value = Math.min(now.done, now.total);
  } else bar.removeAttribute("value");
}

function failed(why) {
  busy(false);
  byId("intake-failed").hidden = !why;
  byId("intake-failed").textContent = why ? `It did not work: ${why}` : "";
}

/** Sends a small request. Returns the server's reason for refusing it, or null. */
async function ask(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (answer.ok) return null;
    const told = await answer.json().catch(() => ({}));
    return told.reason ?? `the server says ${answer.status}`;
  } catch {
    return "the server does not answer";
  }
}

/** Shows a job's progress until it has ended, then reloads the page. */
async function follow() {
  busy(true);
  for (;;) {
    let job = null;
    try {
      job = await (await fetch(served.job)).json();
    } catch {
      return failed("the server does not answer");
    }
    if (job?.state === "done") return location.reload();
    if (!job || job.state === "failed") return failed(job?.reason ?? "it was given up");
    show(job.state === "waiting" ? { stage: "waiting" } : job);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

async function begin(address, body) {
  failed("");
  busy(true);
  show({ stage: "" });
  const why = await ask(address, body);
  return why ? failed(why) : follow();
}

/** Uploads a file; the server writes it to the disk as it arrives. */
function upload(file) {
  const suffix = /\.[a-z0-9]+$/iu.exec(file.name)?.[0].toLowerCase() ?? "";
  if (!served.suffixes.includes(suffix)) return failed(`${file.name} is not named as a recording is (${served.suffixes.join(" ")})`);
  if (file.size > served.most_bytes) return failed(`${file.name} is larger than ${megabytes(served.most_bytes)}`);
  failed("");
  busy(true);
  const request = new XMLHttpRequest();
  upload.going = request;
  request.open("POST", `${served.upload}/${suffix.slice(1)}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => show({ stage: "upload", done: event.loaded, total: file.size }));
  request.addEventListener("load", () => (request.status === 200 ? follow() : failed(request.response?.reason ?? `the server says ${request.status}`)));
  request.addEventListener("error", () => failed("the server does not answer"));
  request.addEventListener("abort", () => failed("cancelled"));
  request.addEventListener("loadend", () => {
    upload.going = null;
  });
  show({ stage: "upload", done: 0, total: file.size });
  return request.send(file);
}

function startDrop() {
  const place = byId("intake");
  const over = (event, on) => {
    event.preventDefault();
    place.classList.toggle("over", on);
  };
  place.addEventListener("dragover", (event) => over(event, true));
  place.addEventListener("dragleave", (event) => over(event, false));
  place.addEventListener("drop", (event) => {
    over(event, false);
    const [file] = event.dataTransfer.files;
    if (file && !byId("intake-give").inert) upload(file);
  });
}

/** Sets up a page without captions: the article, and with a server the form for a recording. */
function startBare() {
  document.body.dataset.bare = "yes";
  byId("intake").hidden = false;
  byId("intake-why").textContent = data.reason;
  byId("intake-give").hidden = !served.upload;
  byId("intake-elsewhere").hidden = Boolean(served.upload);
  if (!served.upload) return;
  byId("intake-address").value = /^https?:/u.test(data.media_url ?? "") ? data.media_url : "";
  byId("intake-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) upload(file);
    event.target.value = "";
  });
  byId("intake-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const address = byId("intake-address").value.trim();
    if (address) begin(served.caption, { address });
  });
  startDrop();
}

/** Shows the page for writing captions by hand. */
function showWritten() {
  if (!cues().length || !document.body.dataset.bare) return;
  delete document.body.dataset.bare;
  byId("intake").hidden = true;
}

export function startIntake() {
  if (!cues().length && !data.captioned) startBare();
  on("cues", showWritten);
  byId("fetch-media").hidden = !served.fetch;
  byId("fetch-media").addEventListener("click", () => begin(served.fetch, {}));
  byId("intake-cancel").addEventListener("click", () => (upload.going ? upload.going.abort() : ask(served.cancel, {})));
  if (!served.job) return;
  fetch(served.job).then((answer) => answer.json()).then((job) => {
    if (job && ["waiting", "working"].includes(job.state)) follow();
  }).catch(() => {});
}
