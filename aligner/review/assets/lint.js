// A cue and its neighbours -> what the profile has against it.

import { cells } from "./text.js";

/** Characters a second that a cue asks of its readers. */
export function speed(cue) {
  const size = cue.lines.reduce((sum, line) => sum + cells(line), 0) + Math.max(0, cue.lines.length - 1);
  return (size * 1000) / Math.max(1, cue.end - cue.start);
}

const known = new WeakMap();

/** What the profile has against a cue: a list of { rule, what }. */
export function remarks(cues, index, profile) {
  const [cue, next] = [cues[index], cues[index + 1]];
  const before = known.get(cue);
  if (before && before.next === next && before.profile === profile) return before.found;
  const found = against(cue, next, profile);
  known.set(cue, { next, profile, found });
  return found;
}

function against(cue, next, profile) {
  const found = [];
  const say = (rule, what) => found.push({ rule, what });
  if (!cue.lines.length) say("empty", "no text");
  if (cue.lines.length > profile.max_lines) say("lines", `${cue.lines.length} lines, ${profile.max_lines} at most`);
  const widest = Math.max(0, ...cue.lines.map(cells));
  if (widest > profile.max_line_chars) say("width", `a line of ${widest} characters, ${profile.max_line_chars} at most`);
  const cps = speed(cue);
  if (cps > profile.max_cps + 0.05) {
    say("speed", `${cps.toFixed(1)} characters a second, ${profile.max_cps} at most`);
  }
  const length = cue.end - cue.start;
  if (length < profile.min_duration_ms) {
    say("short", `shown for ${(length / 1000).toFixed(2)} s, ${(profile.min_duration_ms / 1000).toFixed(2)} at least`);
  }
  if (length > profile.max_duration_ms) {
    say("long", `shown for ${(length / 1000).toFixed(1)} s, ${(profile.max_duration_ms / 1000).toFixed(1)} at most`);
  }
  if (next && next.start < cue.end) say("overlap", "still there when the next cue begins");
  else if (next && next.start - cue.end < profile.min_gap_ms) {
    say("gap", `${next.start - cue.end} ms before the next cue, ${profile.min_gap_ms} at least`);
  }
  return found;
}
