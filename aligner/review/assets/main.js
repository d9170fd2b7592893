// Starts the modules of the page in their order.

import { startArticle } from "./article.js";
import { startCaptions } from "./captions.js";
import { byId, announce } from "./dom.js";
import { startIssues } from "./issues.js";
import { startInspector } from "./inspector.js";
import { startIntake } from "./intake.js";
import { startConnectors } from "./connectors.js";
import { startKeys } from "./keys.js";
import { startMatch } from "./match.js";
import { startPlayer } from "./player.js";
import { startSaving } from "./saving.js";
import { startSpeakers } from "./speakers.js";
import { choose, cues, data, restore, tell } from "./state.js";
import { startWave } from "./wave.js";

const THEMES = ["auto", "light", "dark"];

function startTheme() {
  const show = (name) => {
    document.documentElement.dataset.theme = name;
    byId("theme").setAttribute("aria-label", `Colours: ${name}`);
    byId("theme").dataset.state = name;
    tell("theme", null);
  };
  try {
    show(localStorage.getItem("aligner-review/theme") ?? "auto");
  } catch {
    show("auto");
  }
  byId("theme").addEventListener("click", () => {
    const name = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    show(name);
    announce(`Colours: ${name === "auto" ? "as the system has them" : name}`);
    try {
      localStorage.setItem("aligner-review/theme", name);
    } catch {
      // the next page starts with the system's colours
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tell("theme", null));
}

function startTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const show = (tab) => {
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
    }
    document.body.dataset.tab = tab.dataset.tab;
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const there = tabs.filter((one) => !one.hidden);
      const other = there[(there.indexOf(tab) + by + there.length) % there.length];
      show(other);
      other.focus();
      event.preventDefault();
    });
  }
}

/** Loads the waveform from the server after the page: decoding a long recording takes time. */
async function askForSound() {
  if (!data.served?.sound) return;
  try {
    Object.assign(data, await (await fetch(data.served.sound)).json());
  } catch {
    // the page works without a waveform
  }
  data.served.sound = null;
  tell("sound", null);
}

const count = restore();
byId("reason").textContent = data.reason;
byId("back").hidden = !data.served;
if (data.served) byId("back").href = data.served.list;
startConnectors();
startCaptions();
startArticle();
startPlayer();
startWave();
startInspector();
startIssues();
startSpeakers();
startMatch();
startSaving();
startIntake();
startKeys();
startTheme();
startTabs();
byId("restored").hidden = count === 0;
byId("restored-count").textContent = count === 1 ? "One correction" : `${count} corrections`;
if (cues().length) choose(cues()[0].id, 0, true);
document.documentElement.dataset.ready = "yes";
askForSound();
