// The player, with the captions as the browser shows them from the WebVTT file.

import { announce, byId } from "./dom.js";
import { cues, data, now, on, profile, tell, voices } from "./state.js";
import { clock } from "./times.js";
import { vtt } from "./vtt.js";

export const video = byId("video");
let track = null;
let trackAddress = null;
let until = Infinity;

/** Shows the present captions. */
function showCaptions() {
  track?.remove();
  if (trackAddress) URL.revokeObjectURL(trackAddress);
  const text = vtt(data.vtt_head, cues(), voices());
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

/** The addresses of the recording, in the order to try. */
const places = [...new Set([data.media, ...(data.served?.media ?? [])].filter(Boolean))];

/** Plays the recording from an address. */
function take(address) {
  byId("no-media").hidden = true;
  video.src = address;
  video.hidden = false;
}

/** Tries the next address of the recording, or shows why there is none. */
async function takeNext() {
  const place = places.shift();
  if (place) return take(place);
  video.hidden = true;
  byId("no-media").hidden = false;
  const last = data.served?.media?.at(-1);
  if (!last) return null;
  byId("no-media-why").textContent = "The recording cannot be played.";
  try {
    const answer = await fetch(last, { headers: { range: "bytes=0-0" } });
    const told = answer.ok ? "this browser does not play its kind" : (await answer.json()).reason;
    byId("no-media-why").textContent = `The recording cannot be played: ${told}.`;
  } catch {
    // another site's address, which scripts may not read, or a server that has ended
  }
  return null;
}

/** Seeks to a time in ms. */
export function seek(ms) {
  const end = data.duration_ms ?? Infinity;
  now.ms = Math.min(Math.max(0, ms), end);
  if (video.readyState) video.currentTime = now.ms / 1000;
  else seek.wanted = now.ms;
  hold(Infinity);
  tell("time", true);
}

/** Starts or pauses playback. */
export function toggle() {
  if (video.hidden) {
    announce("There is no recording here: open it first.");
    byId("open-media").focus();
  } else if (video.paused) video.play().catch(() => announce("The recording cannot be played."));
  else video.pause();
}

/** Plays up to a time; the selection does not follow meanwhile. */
function hold(end) {
  until = end;
  now.held = end !== Infinity;
}

/** Plays a span of time, and stops. */
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
  video.addEventListener("error", takeNext);
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
  if (places.length) takeNext();
  showTime();
  byId("frame-back").addEventListener("click", () => seek(now.ms - 1000 / profile.fps));
  byId("frame-on").addEventListener("click", () => seek(now.ms + 1000 / profile.fps));
}
