// Writes cues as WebVTT, byte for byte as the command does.

import { stamp } from "./times.js";

function escaped(line) {
  return line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Returns the file: its head as the command wrote it, and the cues. */
export function vtt(head, cues) {
  const blocks = cues
    .filter((cue) => cue.lines.length)
    .map((cue, k) =>
      [`${k + 1}`, `${stamp(cue.start)} --> ${stamp(cue.end)}`, ...cue.lines.map(escaped)].join("\n"),
    );
  const start = head.trimEnd() || "WEBVTT";
  return blocks.length ? `${start}\n\n${blocks.join("\n\n")}\n` : `${start}\n\n`;
}
