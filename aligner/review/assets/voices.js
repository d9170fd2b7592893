// Who speaks: turns, and corrections of voices. A correction returns a splice { at, remove, add,
// what, voices }; null if it changes nothing. Cues and voices are never changed, only replaced.

const BY_PERSON = "named by a person";
const EXCERPT_MS = 8000;

/** What captions show of a voice. */
export const labelOf = (voice) => voice.label.replace(/\s+/gu, " ").trim() || `Speaker ${voice.id}`;

/** The turns in order: { voice, start, end, first (the index of its first cue), count (of words) }. */
export function turnsOf(cues) {
  const turns = [];
  cues.forEach((cue, at) => {
    for (const word of cue.words) {
      const last = turns.at(-1);
      if (last && (word.speaker === null || word.speaker === last.voice)) {
        Object.assign(last, { end: word.end, count: last.count + 1 });
      } else if (word.speaker !== null) {
        turns.push({ voice: word.speaker, start: word.start, end: word.end, first: at, count: 1 });
      }
    }
  });
  return turns;
}

/** A part of a voice's longest turn to hear, in ms; null if it has no words. */
export function excerptOf(turns, id) {
  const own = turns.filter((turn) => turn.voice === id);
  if (!own.length) return null;
  const longest = own.reduce((best, turn) => (turn.end - turn.start > best.end - best.start ? turn : best));
  return { start: longest.start, end: Math.min(longest.end, longest.start + EXCERPT_MS) };
}

/** The voices, unsure ones first: with suggestions, then without a name, then with one. */
export function unsureFirst(voices) {
  const rank = (voice) => (voice.name ? 2 : voice.suggestions?.length ? 0 : 1);
  return [...voices].sort((a, b) => rank(a) - rank(b));
}

/** The voice of most words of a cue; null if there is none. */
export function voiceOf(cue, voices) {
  const counts = new Map();
  for (const { speaker } of cue.words) if (speaker !== null) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return (most && voices.find((voice) => voice.id === most[0])) ?? null;
}

// ---------------------------------------------------------------- corrections

/** Gives a voice a name; an empty one takes its name away. `why`: the evidence. */
export function named(cues, voices, id, name, why = [BY_PERSON]) {
  const text = name.replace(/\s+/gu, " ").trim();
  const voice = voices.find((one) => one.id === id);
  if (!voice || text === (voice.name ?? "") || (!voice.name && text === labelOf(voice))) return null;
  const { suggestions: _, ...rest } = voice;
  const made = text
    ? { ...rest, name: text, label: text, evidence: why }
    : { ...rest, name: null, label: `Speaker ${id}`, evidence: [] };
  return settled(cues, voices, cues, voices.map((one) => (one === voice ? made : one)), "name");
}

/** Gives a voice the name that is suggested for it. */
export function accepted(cues, voices, id, { name, why }) {
  return named(cues, voices, id, name, [why, "accepted by a person"]);
}

/** Gives all words of one voice to another. */
export function merged(cues, voices, from, into) {
  if (from === into) return null;
  return settled(cues, voices, cues.map((cue) => spokenBy(cue, into, (word) => word.speaker === from)), voices, "merge");
}

/** Gives the turn that a word of a cue is in to another voice; "" stands for a new voice. */
export function moved(cues, voices, at, index, into) {
  const word = cues[at]?.words[index];
  if (!word || word.speaker === into) return null;
  const all = cues.flatMap((cue) => cue.words);
  const place = all.indexOf(word);
  const goesOn = (one) => one && (one.speaker === word.speaker || one.speaker === null);
  let [from, to] = [place, place + 1];
  while (goesOn(all[from - 1])) from -= 1;
  while (goesOn(all[to])) to += 1;
  const turn = new Set(all.slice(from, to));
  const id = into || freeId(voices);
  const known = into ? voices : [...voices, { id, name: null, label: `Speaker ${id}`, evidence: [] }];
  return settled(cues, voices, cues.map((cue) => spokenBy(cue, id, (one) => turn.has(one))), known, "turn");
}

function freeId(voices) {
  const taken = new Set(voices.map((voice) => voice.id));
  let number = voices.length + 1;
  while (taken.has(String(number))) number += 1;
  return String(number);
}

function spokenBy(cue, id, isOf) {
  if (!cue.words.some((word) => isOf(word) && word.speaker !== id)) return cue;
  return { ...cue, words: cue.words.map((word) => (isOf(word) ? { ...word, speaker: id } : word)) };
}

/** Returns the splice from old cues and voices to new ones, with the marks in the texts as they are due. */
function settled(cues, voices, changed, known, what) {
  const used = new Set(changed.flatMap((cue) => cue.words.map((word) => word.speaker)));
  const kept = known.filter((voice) => used.has(voice.id));
  const marked = remarked(cues, voices, changed, kept);
  let first = 0;
  while (first < cues.length && cues[first] === marked[first]) first += 1;
  let last = cues.length;
  while (last > first && cues[last - 1] === marked[last - 1]) last -= 1;
  return { at: Math.min(first, cues.length), remove: last - first, add: marked.slice(first, last), what, voices: kept };
}

// ---------------------------------------------------------------- marks in the texts

/** What stands before the first word of each cue: "-", "[Name] ", "(speaker 2) ", or nothing. */
function marksOf(cues, voices, parentheses) {
  const known = new Map(voices.map((voice) => [voice.id, voice]));
  let before = null;
  return cues.map((cue) => {
    const speaker = cue.words[0]?.speaker ?? null;
    const voice = known.get(speaker);
    const begins = voice !== undefined && speaker !== before;
    const mark = begins ? markOf(voice, parentheses, before !== null) : "";
    for (const word of cue.words) before = word.speaker ?? before;
    return mark;
  });
}

function markOf(voice, parentheses, follows) {
  if (parentheses) return `(${voice.name ?? voice.label.toLowerCase()}) `;
  if (voice.name) return `[${voice.name}] `;
  return follows ? "-" : "";
}

/** Returns new cues whose texts have the marks of new voices, where they had those of the old ones. */
function remarked(cues, voices, changed, known) {
  const labels = voices.map((voice) => markOf(voice, true, true).trim());
  const parentheses = cues.some((cue) => cue.lines.some((line) => labels.some((label) => line.startsWith(label))));
  const [old, due] = [marksOf(cues, voices, parentheses), marksOf(changed, known, parentheses)];
  return changed.map((cue, at) => {
    const [line, ...rest] = cue.lines;
    if (old[at] === due[at] || line === undefined || !line.startsWith(old[at].trim())) return cue;
    const text = line.slice(old[at].trim().length).trimStart();
    if (!old[at] && text.startsWith(due[at].trim())) return cue;
    return { ...cue, lines: [due[at] + text, ...rest].map((one) => one.trim()).filter(Boolean), origin: "edited" };
  });
}
