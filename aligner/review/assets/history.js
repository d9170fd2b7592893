// The cues and the history of their edits, with unlimited undo and redo.

/** Returns the cues after a splice. */
export function spliced(cues, { at, remove, add }) {
  return [...cues.slice(0, at), ...add, ...cues.slice(at + remove)];
}

/** Returns the splice that undoes a splice. */
function inverse(cues, voices, { at, remove, add, what, voices: other }) {
  const back = { at, remove: add.length, add: cues.slice(at, at + remove), what };
  return other ? { ...back, voices } : back;
}

/** The present cues and voices, and the splices to undo and redo. A splice may replace the voices. */
export class History {
  constructor(cues, voices = []) {
    this.cues = cues;
    this.voices = voices;
    this.done = [];
    this.undone = [];
  }

  /** Applies an edit. `merge` joins it with the last one, while the user is still typing. */
  apply(splice, merge = false) {
    if (merge && this.done.length) {
      const last = this.done.at(-1);
      this.cues = spliced(this.cues, splice);
      this.done[this.done.length - 1] = { ...last, there: { ...last.there, add: splice.add } };
      return splice;
    }
    const back = inverse(this.cues, this.voices, splice);
    this.take(splice);
    this.done.push({ there: splice, back });
    this.undone = [];
    return splice;
  }

  take(splice) {
    this.cues = spliced(this.cues, splice);
    this.voices = splice.voices ?? this.voices;
  }

  /** Undoes the last edit. Returns the splice that did so, or null. */
  undo() {
    const last = this.done.pop();
    if (!last) return null;
    this.take(last.back);
    this.undone.push(last);
    return last.back;
  }

  /** Redoes the last edit that was undone. */
  redo() {
    const last = this.undone.pop();
    if (!last) return null;
    this.take(last.there);
    this.done.push(last);
    return last.there;
  }
}
