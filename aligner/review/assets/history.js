// The cues with every correction that was made: undo and redo without end.

/** Cues and a splice -> the cues after it. */
export function spliced(cues, { at, remove, add }) {
  return [...cues.slice(0, at), ...add, ...cues.slice(at + remove)];
}

/** What takes a splice back. */
function inverse(cues, { at, remove, add, what }) {
  return { at, remove: add.length, add: cues.slice(at, at + remove), what };
}

/** The cues as they stand, and the way back. */
export class History {
  constructor(cues) {
    this.cues = cues;
    this.done = [];
    this.undone = [];
  }

  /** Make a correction. `merge` makes it one with the last (typing goes on). */
  apply(splice, merge = false) {
    if (merge && this.done.length) {
      const last = this.done.at(-1);
      this.cues = spliced(this.cues, splice);
      this.done[this.done.length - 1] = { ...last, there: { ...last.there, add: splice.add } };
      return splice;
    }
    const back = inverse(this.cues, splice);
    this.cues = spliced(this.cues, splice);
    this.done.push({ there: splice, back });
    this.undone = [];
    return splice;
  }

  /** Take the last correction back; the splice that did so, or null. */
  undo() {
    const last = this.done.pop();
    if (!last) return null;
    this.cues = spliced(this.cues, last.back);
    this.undone.push(last);
    return last.back;
  }

  /** Make the last one taken back again. */
  redo() {
    const last = this.undone.pop();
    if (!last) return null;
    this.cues = spliced(this.cues, last.there);
    this.done.push(last);
    return last.there;
  }
}
