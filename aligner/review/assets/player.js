// The recording, with the captions as the browser shows them from the real WebVTT.

import { announce, byId } from "./dom.js";
import { cues, data, now, on, profile, tell } from "./state.js";
import { clock } from "./times.js";
import { vtt } from "./vtt.js";

export const video = byId("video");
let track = null;
let trackAddress = null;
let until = Infinity;

/** Show the captions as they stand now. */
function showCaptions() {
  track?.remove();
  if (trackAddress) URL.revokeObjectURL(trackAddress);
  const text = vtt(data.vtt_head, cues());
  trackAddress = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
  track = document.createElement("track");
  track.kind = "captions";
  track.label = "Captions";
  track.srclang = data.lang;
  track.default = true;
  track.src = trackAddress;
  video.append(track);
  track.track.mode = "showing";
}

/** The recording of an address; `where` is what people call it. */
function take(address) {
  byId("no-media").hidden = true;
  video.src = address;
  video.hidden = false;
}

/** Go to a time. */
export function seek(ms) {
  const end = data.duration_ms ?? Infinity;
  now.ms = Math.min(Math.max(0, ms), end);
  if (video.readyState) video.currentTime = now.ms / 1000;
  else seek.wanted = now.ms;
  hold(Infinity);
  tell("time", true);
}

/** Play, or stop. */
export function toggle() {
  if (video.hidden) {
    announce("There is no recording here: open it first.");
    byId("open-media").focus();
  } else if (video.paused) video.play().catch(() => announce("The recording cannot be played."));
  else video.pause();
}

/** Play up to a time alone; the choice does not move meanwhile. */
function hold(end) {
  until = end;
  now.held = end !== Infinity;
}

/** Play a stretch and stop. */
export function play(start, end) {
  seek(start);
  hold(end);
  if (video.paused && !video.hidden) video.play().catch(() => {});
}

function look() {
  now.ms = video.currentTime * 1000;
  if (now.ms >= until) {
    video.pause();
    hold(Infinity);
  }
  tell("time", false);
  if (now.playing) requestAnimationFrame(look);
}

function showState() {
  now.playing = !video.paused && !video.ended;
  byId("play").setAttribute("aria-label", now.playing ? "Pause" : "Play");
  byId("play").dataset.state = now.playing ? "playing" : "paused";
  if (now.playing) requestAnimationFrame(look);
}

function showTime() {
  const end = data.duration_ms ?? 0;
  byId("now").textContent = clock(now.ms);
  const place = byId("place");
  if (document.activeElement !== place || now.playing) place.value = String(Math.round(now.ms));
  place.setAttribute("aria-valuetext", `${clock(now.ms)} of ${clock(end)}`);
}

export function startPlayer() {
  const end = data.duration_ms ?? cues().at(-1)?.end ?? 0;
  byId("place").max = String(end);
  byId("length").textContent = clock(end);
  byId("screen").classList.toggle("sound-only", data.kind === "audio");
  for (const name of ["play", "pause", "ended"]) video.addEventListener(name, showState);
  video.addEventListener("loadedmetadata", () => {
    if (seek.wanted) video.currentTime = seek.wanted / 1000;
    showCaptions();
  });
  video.addEventListener("seeked", () => {
    if (!now.playing) look();
  });
  video.addEventListener("error", () => {
    video.hidden = true;
    byId("no-media").hidden = false;
  });
  byId("play").addEventListener("click", toggle);
  byId("place").addEventListener("input", (event) => seek(Number(event.target.value)));
  byId("speed").addEventListener("change", (event) => {
    video.playbackRate = Number(event.target.value);
  });
  byId("open-media").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) take(URL.createObjectURL(file));
  });
  let waiting = 0;
  on("cues", () => {
    clearTimeout(waiting);
    waiting = setTimeout(showCaptions, 150);
  });
  on("time", showTime);
  if (data.media) take(data.media);
  showTime();
  byId("frame-back").addEventListener("click", () => seek(now.ms - 1000 / profile.fps));
  byId("frame-on").addEventListener("click", () => seek(now.ms + 1000 / profile.fps));
}
