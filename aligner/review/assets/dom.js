// Helpers for the DOM. Text is set as text only, never as markup.

export const byId = (id) => document.getElementById(id);

/** Creates an element from its name, properties (class, text, on..., data-..., aria-...), children. */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") element.className = value;
    else if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Shows a message for a while, and announces it to screen readers. */
export function announce(text) {
  const place = byId("said");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => place.classList.remove("shown"), 4000);
}

/** Whether a key event is input for a form field. */
export function typing(target) {
  return target instanceof Element && target.closest("textarea, input:not([type]), select") !== null;
}

/** Calls work(from, to) for all indexes below `count`, while the browser is idle. */
export function inSteps(count, step, work) {
  let at = 0;
  const go = (deadline) => {
    do {
      work(at, Math.min(at + step, count));
      at += step;
    } while (at < count && deadline.timeRemaining() > 8);
    if (at < count) requestIdleCallback(go, { timeout: 200 });
  };
  if (count) requestIdleCallback(go, { timeout: 200 });
}

if (!globalThis.requestIdleCallback) {
  globalThis.requestIdleCallback = (work) =>
    setTimeout(() => work({ timeRemaining: () => 0 }), 8);
}
