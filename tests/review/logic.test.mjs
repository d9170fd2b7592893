// The page's logic without a page: corrections, undo, lint, times, WebVTT, kept drafts.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as edits from "../../aligner/review/assets/cues.js";
import { Drafts } from "../../aligner/review/assets/drafts.js";
import { History, spliced } from "../../aligner/review/assets/history.js";
import { remarks, speed } from "../../aligner/review/assets/lint.js";
import { cellWidth, joined, linesOf, reworded } from "../../aligner/review/assets/text.js";
import { clock, lastStarted, parsed, stamp } from "../../aligner/review/assets/times.js";
import { vtt } from "../../aligner/review/assets/vtt.js";
import * as voices from "../../aligner/review/assets/voices.js";

const profile = {
  max_line_chars: 42, max_lines: 2, max_cps: 20, min_duration_ms: 834, max_duration_ms: 7000, min_gap_ms: 80, min_gap_frames: 2, chain_ms: 500, fps: 25, max_wpm: null,
};

/** A cue of words that are 400 ms each, one after another. */
function cue(start, ...lines) {
  const texts = lines.join(" ").split(" ").filter(Boolean);
  const words = texts.map((text, k) => ({
    text, start: start + k * 400, end: start + k * 400 + 400, origin: "verified", score: 0.9, article: k, space: true, heard: null,
  }));
  return { id: edits.newId(), start, end: start + texts.length * 400, lines, origin: "verified", words };
}

const some = () => [cue(0, "one two", "three four"), cue(2000, "five six seven"), cue(4000, "eight")];
const after = (cues, splice) => spliced(cues, splice);
const texts = (cues) => cues.map((c) => c.lines.join("|"));

for (const [offset, left, right] of [
  [3, "one", "two|three four"],
  [4, "one", "two|three four"],
  [8, "one two", "three four"],
  [14, "one two|three", "four"],
]) {
  test(`split at ${offset}`, () => {
    const cues = after(some(), edits.splitAtText(some(), 0, offset));
    assert.deepEqual(texts(cues).slice(0, 2), [left, right]);
    assert.ok(cues[0].end <= cues[1].start && cues[1].end === 1600);
    assert.equal(cues[0].words.length + cues[1].words.length, 4);
    assert.equal(cues[1].start, cues[1].words[0].start);
  });
}

test("text that is no word stays where it is", () => {
  const talk = { ...cue(0, "Yes. No."), lines: ["- Yes.", "- No."] };
  assert.deepEqual(texts(after([talk], edits.splitAtWord([talk], 0, 1))), ["- Yes.|-", "No."]);
  assert.deepEqual(texts(after([talk], edits.splitAtText([talk], 0, 7))), ["- Yes.", "- No."]);
  assert.deepEqual(after([talk], edits.wording([talk], 0, 1, 2, "Never."))[0].lines, ["- Yes.", "- Never."]);
});

for (const offset of [0, 18]) test(`no split at ${offset}`, () => assert.equal(edits.splitAtText(some(), 0, offset), null));

test("split before a word, and none before the first", () => {
  assert.deepEqual(texts(after(some(), edits.splitAtWord(some(), 1, 2))), ["one two|three four", "five six", "seven", "eight"]);
  assert.equal(edits.splitAtWord(some(), 1, 0), null);
});

test("join, in one line or two even ones", () => {
  const cues = after(some(), edits.join(some(), 1, 42));
  assert.deepEqual(texts(cues), ["one two|three four", "five six seven eight"]);
  assert.equal(cues[1].end, 4400);
  assert.deepEqual(edits.broken("aaaa bbbb cccc dddd", 10), ["aaaa bbbb", "cccc dddd"]);
  assert.equal(edits.join(some(), 2, 42), null);
});

test("another text keeps the words that stay, with their times", () => {
  const cues = after(some(), edits.retext(some(), 0, "one 2\nthree four"));
  assert.deepEqual(cues[0].words.map((w) => [w.text, w.start, w.origin]), [
    ["one", 0, "verified"], ["2", 400, "edited"], ["three", 800, "verified"], ["four", 1200, "verified"],
  ]);
  assert.equal(cues[0].origin, "edited");
  assert.equal(edits.retext(some(), 0, "one two\nthree four"), null);
  assert.deepEqual(after(some(), edits.retext(some(), 0, "  \n "))[0].words, []);
});

test("words within words are told apart", () => {
  const words = cue(0, "an other").words;
  assert.deepEqual(reworded(words, "another other", { start: 0, end: 800 }).map((w) => w.text), ["another", "other"]);
});

test("scripts without spaces keep their words", () => {
  const words = ["这是", "一个", "句子。"].map((text, k) => ({ text, start: k * 300, end: k * 300 + 300, space: k === 0, origin: "verified" }));
  const next = reworded(words, "这是两个句子。", { start: 0, end: 900 });
  assert.equal(next.map((w) => w.text).join(""), "这是两个句子。");
  assert.equal(next[0].text, "这是");
  assert.equal(next.at(-1).text, "句子。");
});

test("other words in the place of some keep the line breaks", () => {
  const cues = after(some(), edits.wording(some(), 0, 1, 3, "2 3"));
  assert.equal(cues[0].lines.join(" "), "one 2 3 four");
  assert.deepEqual(after(some(), edits.wording(some(), 0, 2, 3, "THREE"))[0].lines, ["one two", "THREE four"]);
  assert.deepEqual(after(some(), edits.wording(some(), 0, 0, 1, "ONE"))[0].lines, ["ONE two", "three four"]);
});

test("times stay between the neighbours", () => {
  const cues = some();
  assert.deepEqual(edits.retime(cues, 1, 0, 9000).add.map((c) => [c.start, c.end]), [[1600, 4000]]);
  assert.deepEqual(edits.retime(cues, 1, 3190, 3200).add.map((c) => [c.start, c.end]), [[3160, 3200]]);
  assert.equal(edits.retime(cues, 1, 2000, 3200), null);
  const [moved] = edits.move(cues, 1, 100).add;
  assert.deepEqual([moved.start, moved.end, moved.words[0].start], [2100, 3300, 2100]);
});

test("a new cue finds its place, or there is none", () => {
  assert.equal(edits.addAt(some(), 3500, profile).at, 2);
  assert.equal(edits.addAt(some(), 9000, profile).at, 3);
  const [added] = edits.addAt(some(), 3500, profile).add;
  assert.deepEqual([added.start, added.end], [3500, 4000]);
});

test("undo and redo without end give back every state", () => {
  const history = new History(some());
  const states = [history.cues];
  for (let k = 0; k < 200; k += 1) {
    const at = k % history.cues.length;
    const made = [
      edits.retext(history.cues, at, `text ${k}`), edits.splitAtWord(history.cues, at, 1), edits.join(history.cues, at, 42),
      edits.addAt(history.cues, 20_000 + k * 3000, profile), edits.drop(history.cues, history.cues.length > 2 ? at : -1),
    ][k % 5];
    if (!made) continue;
    history.apply(made);
    states.push(history.cues);
  }
  assert.ok(states.length > 100);
  for (const state of states.toReversed().slice(1)) {
    history.undo();
    assert.deepEqual(history.cues, state);
  }
  assert.equal(history.undo(), null);
  for (const state of states.slice(1)) {
    history.redo();
    assert.deepEqual(history.cues, state);
  }
  assert.equal(history.redo(), null);
});

test("typing is one correction", () => {
  const history = new History(some());
  history.apply(edits.retext(history.cues, 0, "a"));
  history.apply(edits.retext(history.cues, 0, "ab"), true);
  assert.equal(history.cues[0].lines[0], "ab");
  history.undo();
  assert.equal(history.cues[0].lines[0], "one two");
  history.redo();
  assert.equal(history.cues[0].lines[0], "ab");
});

for (const [name, cues, rule] of [
  ["too wide", [{ ...cue(0, "x"), end: 3000, lines: ["x".repeat(43)] }], "line-length"],
  ["wide characters", [{ ...cue(0, "x"), end: 3000, lines: ["字".repeat(22)] }], "line-length"],
  ["too many lines", [{ ...cue(0, "x"), end: 3000, lines: ["a", "b", "c"] }], "line-count"],
  ["too fast", [{ ...cue(0, "x"), end: 1000, lines: ["x".repeat(21)] }], "reading-speed"],
  ["too short", [{ ...cue(0, "x"), end: 800, lines: ["x"] }], "min-duration"],
  ["too long", [{ ...cue(0, "x"), end: 7100, lines: ["x"] }], "max-duration"],
  ["no text", [{ ...cue(0, "x"), end: 2000, lines: [] }], "empty"],
  ["too near", [{ ...cue(0, "x"), end: 1000 }, { ...cue(1000, "x"), start: 1050 }], "gap"],
  ["not near enough to be one", [{ ...cue(0, "x"), end: 1000 }, { ...cue(1000, "x"), start: 1400 }], "gap"],
  ["at the same time", [{ ...cue(0, "x"), end: 1000 }, { ...cue(1000, "x"), start: 999 }], "overlap"],
]) test(`lint: ${name}`, () => assert.deepEqual(remarks(cues, 0, profile).map((r) => r.rule), [rule]));

test("lint: words a minute, where the profile counts so", () => {
  const counts = { ...profile, max_cps: null, max_wpm: 180 };
  const fast = { ...cue(0, "x"), end: 1000, lines: ["a b c d"] };
  assert.deepEqual(remarks([fast], 0, counts).map((r) => r.rule), ["reading-speed"]);
  assert.deepEqual(remarks([{ ...fast, end: 1400 }], 0, counts), []);
});

test("nothing against a good cue", () => {
  const good = { ...cue(0, "x"), end: 2000, lines: ["x".repeat(19), "y".repeat(20)] };
  assert.deepEqual(remarks([good], 0, profile), []);
  assert.equal(speed(good), 20);
});

for (const [text, ms] of [
  ["0", 0], ["1.5", 1500], ["1:02.3", 62_300], ["1:00:00.001", 3_600_001], ["90", 90_000],
  ["1:60", null], ["1:60:00", null], ["", null], ["-1", null], ["1.2345", null], ["soon", null],
]) test(`a typed time: ${text}`, () => assert.equal(parsed(text), ms));

test("times written", () => {
  assert.equal(clock(59_999), "0:59.9");
  assert.equal(clock(3_600_000), "1:00:00.0");
  assert.equal(stamp(3_723_004), "01:02:03.004");
  assert.equal(lastStarted([{ start: 1 }, { start: 5 }], 4), 0);
  assert.equal(lastStarted([{ start: 1 }], 0), -1);
});

test("WebVTT escapes what its syntax reserves", () => {
  const text = vtt("WEBVTT\n\n", [{ ...cue(0, "x"), lines: ["a & b --> <i>"] }, { ...cue(500, "x"), lines: [] }]);
  assert.equal(text, "WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.400\na &amp; b --&gt; &lt;i&gt;\n");
});

test("texts", () => {
  assert.deepEqual(linesOf(" a  b \n\n\tc\u0007\r\nd"), ["a b", "c", "d"]);
  assert.equal(cellWidth("aあb"), 4);
  assert.equal(joined([{ text: "a", space: true }, { text: "-b", space: false }]), "a-b");
});

test("drafts come back, and belong to one version", () => {
  const kept = new Map();
  const storage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };
  const drafts = new Drafts(storage, "name", "1");
  drafts.add({ n: 1 });
  drafts.add({ n: 2 });
  drafts.add({ n: 3 }, true);
  assert.deepEqual(new Drafts(storage, "name", "1").steps(), [{ n: 1 }, { n: 3 }]);
  assert.deepEqual(new Drafts(storage, "name", "2").steps(), []);
  drafts.moveTo("2");
  assert.equal(kept.size, 0);
  const full = new Drafts({ ...storage, setItem: () => { throw new Error("full"); } }, "name", "1");
  assert.equal(full.add({ n: 1 }), false);
});

// ---------------------------------------------------------------- voices

const VOICES = [
  { id: "1", name: null, label: "Speaker 1", evidence: [] },
  { id: "2", name: null, label: "Speaker 2", evidence: [], suggestions: [{ name: "Peter Hale", why: "says so" }] },
];

/** A cue of one voice. */
const by = (speaker, start, ...lines) => {
  const made = cue(start, ...lines);
  return { ...made, words: made.words.map((w) => ({ ...w, speaker })) };
};
const talk = () => [by("1", 0, "one two"), by("2", 1000, "-three four"), by("2", 2000, "five"), by("1", 3000, "-six")];
const speakers = (cues) => cues.map((c) => c.words[0].speaker).join("");

test("turns, an excerpt of the longest, and unsure voices first", () => {
  const turns = voices.turnsOf(talk());
  assert.deepEqual(turns.map((t) => [t.voice, t.first, t.count]), [["1", 0, 2], ["2", 1, 3], ["1", 3, 1]]);
  assert.deepEqual(voices.excerptOf(turns, "2"), { start: 1000, end: 2400 });
  assert.equal(voices.excerptOf(turns, "3"), null);
  const known = { id: "3", name: "Anna", label: "Anna", evidence: [] };
  assert.deepEqual(voices.unsureFirst([known, ...VOICES]).map((v) => v.id), ["2", "1", "3"]);
});

test("a name is taken, stands in the texts, and is taken away again", () => {
  const cues = talk();
  const splice = voices.accepted(cues, VOICES, "2", VOICES[1].suggestions[0]);
  assert.deepEqual(texts(after(cues, splice)), ["one two", "[Peter Hale] three four", "five", "-six"]);
  assert.deepEqual(splice.voices[1], { id: "2", name: "Peter Hale", label: "Peter Hale", evidence: ["says so", "accepted by a person"] });
  const back = voices.named(after(cues, splice), splice.voices, "2", " ");
  assert.deepEqual(texts(after(after(cues, splice), back)), ["one two", "-three four", "five", "-six"]);
  assert.equal(back.voices[1].label, "Speaker 2");
  assert.equal(voices.named(cues, VOICES, "2", "Speaker 2"), null);
  assert.equal(voices.named(cues, VOICES, "9", "Anna"), null);
});

test("labels in parentheses are renamed", () => {
  const cues = [by("1", 0, "(speaker 1) one"), by("2", 1000, "(speaker 2) two")];
  const splice = voices.named(cues, VOICES, "2", "Anna");
  assert.deepEqual(texts(after(cues, splice)), ["(speaker 1) one", "(Anna) two"]);
});

test("a merged voice is gone, and so are the marks of its turns", () => {
  const cues = talk();
  const splice = voices.merged(cues, VOICES, "2", "1");
  assert.deepEqual(texts(after(cues, splice)), ["one two", "three four", "five", "six"]);
  assert.equal(speakers(after(cues, splice)), "1111");
  assert.deepEqual(splice.voices.map((v) => v.id), ["1"]);
});

test("a turn is moved to another voice, or to a new one", () => {
  const cues = talk();
  assert.equal(speakers(after(cues, voices.moved(cues, VOICES, 2, 0, "1"))), "1111");
  const splice = voices.moved(cues, VOICES, 3, 0, "");
  assert.equal(speakers(after(cues, splice)), "1223");
  assert.equal(splice.voices[2].label, "Speaker 3");
  assert.equal(voices.moved(cues, VOICES, 3, 0, "1"), null);
});

test("corrections of voices are undone and redone", () => {
  const history = new History(talk(), VOICES);
  history.apply(voices.merged(history.cues, history.voices, "2", "1"));
  assert.equal(history.voices.length, 1);
  history.undo();
  assert.deepEqual([speakers(history.cues), history.voices.length], ["1221", 2]);
  history.redo();
  assert.deepEqual([speakers(history.cues), history.voices.length], ["1111", 1]);
});

test("WebVTT has the voice of each cue, and an edited word keeps its voice", () => {
  assert.match(vtt("WEBVTT\n\n", talk(), VOICES), /<v Speaker 2>-three four\n/u);
  assert.deepEqual(reworded(talk()[1].words, "-three 4", talk()[1]).map((w) => w.speaker), ["2", "2"]);
});
