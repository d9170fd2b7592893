// The plot of the alignment: a line shows the recording's current time, a click seeks.

import { byId } from "./dom.js";
import { seek } from "./player.js";
import { chooseAt, cues, data, now, on } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";

export function startMatch() {
  const picture = byId("match-picture").querySelector("svg");
  const [left, top, right, bottom] = picture.dataset.area.split(" ").map(Number);
  const end = Math.max(data.duration_ms ?? 0, cues().at(-1)?.end ?? 1);
  const line = document.createElementNS(SVG, "line");
  line.setAttribute("class", "head");
  line.setAttribute("y1", String(top));
  line.setAttribute("y2", String(bottom));
  picture.append(line);
  on("time", () => {
    const x = left + ((right - left) * Math.min(now.ms, end)) / end;
    line.setAttribute("x1", String(x));
    line.setAttribute("x2", String(x));
  });
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * picture.viewBox.baseVal.width;
    const ms = ((x - left) / (right - left)) * end;
    if (ms < 0 || ms > end) return;
    chooseAt(ms);
    seek(ms);
  });
}
