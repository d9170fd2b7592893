// Unsaved edits, which the browser stores one by one, so that a crash or a closed tab loses none.
// They belong to one version of one result.

/** The unsaved edits of one version of a result. */
export class Drafts {
  constructor(storage, name, version) {
    this.storage = storage;
    this.prefix = `aligner-review/${name}/${version}/`;
    this.count = 0;
  }

  /** Stores one edit. Returns false if the browser has no storage. */
  add(step, merge = false) {
    if (!merge || !this.count) this.count += 1;
    return this.put(this.count, step);
  }

  put(number, step) {
    try {
      this.storage.setItem(this.prefix + number, JSON.stringify(step));
      return true;
    } catch {
      return false;
    }
  }

  /** Returns all stored edits in order. */
  steps() {
    const found = [];
    try {
      for (let n = 1; ; n += 1) {
        const text = this.storage.getItem(this.prefix + n);
        if (text === null || text === undefined) break;
        found.push(JSON.parse(text));
      }
    } catch {
      // an unreadable entry ends the list
    }
    this.count = found.length;
    return found;
  }

  /** Deletes the stored edits: they are saved, or discarded. */
  clear() {
    try {
      for (let n = this.count; n > 0; n -= 1) this.storage.removeItem(this.prefix + n);
    } catch {
      // no storage, so nothing is stored
    }
    this.count = 0;
  }

  /** Moves the edits to the version that a save has returned. */
  moveTo(version) {
    this.clear();
    this.prefix = this.prefix.replace(/[^/]*\/$/u, `${version}/`);
  }
}
