// The rules of the captioning profile, applied to one cue and its neighbours.

import { cellWidth } from "./text.js";

const whole = (cue) => cue.lines.map((line) => line.trim()).filter(Boolean).join(" ");

/** A cue's reading speed in characters a second. */
export function speed(cue) {
  return (cellWidth(whole(cue)) * 1000) / Math.max(1, cue.end - cue.start);
}

/** A cue's reading time in ms; a limit that the profile does not set is null. */
function reading(cue, profile) {
  const text = whole(cue);
  const words = text ? text.split(/\s+/u).length : 0;
  const byCells = profile.max_cps ? (cellWidth(text) * 1000) / profile.max_cps : 0;
  return Math.max(byCells, profile.max_wpm ? (words * 60_000) / profile.max_wpm : 0);
}

const known = new WeakMap();

/** The rules that a cue breaks: a list of { rule, what }. `aligner lint` has the same rules. */
export function remarks(cues, index, profile) {
  const [cue, next] = [cues[index], cues[index + 1]];
  const before = known.get(cue);
  if (before && before.next === next && before.profile === profile) return before.found;
  const found = [...ofText(cue, profile), ...ofTimes(cue, profile), ...ofGap(cue, next, profile)];
  known.set(cue, { next, profile, found });
  return found;
}

const frames = (ms, profile) => Math.floor((ms * profile.fps) / 1000 + 0.5);
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

function ofText(cue, profile) {
  const found = [];
  const lines = cue.lines.map((line) => line.trim()).filter(Boolean);
  if (!lines.length) found.push({ rule: "empty", what: "no text" });
  const longest = Math.max(0, ...lines.map(cellWidth));
  if (longest > profile.max_line_chars) {
    found.push({ rule: "line-length", what: `a line of ${longest} characters, ${profile.max_line_chars} at most` });
  }
  if (lines.length > profile.max_lines) {
    found.push({ rule: "line-count", what: `${lines.length} lines, ${profile.max_lines} at most` });
  }
  return found;
}

function ofTimes(cue, profile) {
  const found = [];
  const length = cue.end - cue.start;
  const needed = reading(cue, profile);
  if (needed > Math.max(length, 0) + 0.5) found.push({ rule: "reading-speed", what: tooFast(cue, needed, profile) });
  if (frames(length, profile) < frames(profile.min_duration_ms, profile)) {
    found.push({ rule: "min-duration", what: `shown for ${seconds(length)}, ${seconds(profile.min_duration_ms)} at least` });
  }
  if (frames(length, profile) > frames(profile.max_duration_ms, profile)) {
    found.push({ rule: "max-duration", what: `shown for ${seconds(length)}, ${seconds(profile.max_duration_ms)} at most` });
  }
  return found;
}

function tooFast(cue, needed, profile) {
  if (!profile.max_cps) return `shown for ${seconds(cue.end - cue.start)}, reading takes ${seconds(needed)}`;
  return `${speed(cue).toFixed(1)} characters a second, ${profile.max_cps} at most`;
}

function ofGap(cue, next, profile) {
  if (!next) return [];
  const gap = next.start - cue.end;
  if (gap < 0) return [{ rule: "overlap", what: "still there when the next cue begins" }];
  if (gap >= profile.chain_ms || frames(gap, profile) === profile.min_gap_frames) return [];
  return [{ rule: "gap", what: `${gap} ms to the next cue: ${profile.min_gap_ms}, or ${profile.chain_ms} and more` }];
}
