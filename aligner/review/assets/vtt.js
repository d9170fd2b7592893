// Cues -> WebVTT, letter for letter as the command writes it.

import { stamp } from "./times.js";

function escaped(line) {
  return line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The head of the file, as the command wrote it, and the cues -> the file. */
export function vtt(head, cues) {
  const blocks = cues
    .filter((cue) => cue.lines.length)
    .map((cue, k) =>
      [`${k + 1}`, `${stamp(cue.start)} --> ${stamp(cue.end)}`, ...cue.lines.map(escaped)].join("\n"),
    );
  const start = head.trimEnd() || "WEBVTT";
  return blocks.length ? `${start}\n\n${blocks.join("\n\n")}\n` : `${start}\n\n`;
}
