// Writes cues as WebVTT, byte for byte as the command does.

import { stamp } from "./times.js";
import { labelOf, voiceOf } from "./voices.js";

function escaped(line) {
  return line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function payload(cue, voices) {
  const lines = cue.lines.map(escaped);
  const voice = voiceOf(cue, voices);
  return voice ? [`<v ${escaped(labelOf(voice))}>${lines[0]}`, ...lines.slice(1)] : lines;
}

/** Returns the file: its head as the command wrote it, and the cues, each with its voice. */
export function vtt(head, cues, voices = []) {
  const blocks = cues
    .filter((cue) => cue.lines.length)
    .map((cue, k) =>
      [`${k + 1}`, `${stamp(cue.start)} --> ${stamp(cue.end)}`, ...payload(cue, voices)].join("\n"),
    );
  const start = head.trimEnd() || "WEBVTT";
  return blocks.length ? `${start}\n\n${blocks.join("\n\n")}\n` : `${start}\n\n`;
}
