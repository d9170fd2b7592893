// Conversion of milliseconds to text and back.

/** Formats milliseconds as m:ss.s, or h:mm:ss.s from an hour on. */
export function clock(ms) {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const seconds = Math.floor(tenths / 10);
  const rest = `${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`;
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Formats milliseconds as hh:mm:ss.ttt, as in WebVTT. */
export function stamp(ms) {
  const two = (n) => String(n).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  const clear = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clear}.${String(ms % 1000).padStart(3, "0")}`;
}

/** Parses a typed time to milliseconds; null if it is not one. */
export function parsed(text) {
  const found = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/u.exec(text.trim());
  if (!found) return null;
  const [hours, minutes, seconds] = [found[1], found[2], found[3]].map((n) => Number(n ?? 0));
  if (found[2] !== undefined && seconds > 59) return null;
  if (found[1] !== undefined && minutes > 59) return null;
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number((found[4] ?? "0").padEnd(3, "0"));
}

/** The index of the last item whose `start` is at or before a time; -1 if there is none. */
export function lastStarted(items, ms) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
