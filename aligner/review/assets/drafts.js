// Corrections that are not saved yet, kept by the browser: one entry each, so that a crash or a
// closed tab loses none. They belong to one version of one result.

/** The corrections of one version of a result. */
export class Drafts {
  constructor(storage, name, version) {
    this.storage = storage;
    this.prefix = `aligner-review/${name}/${version}/`;
    this.count = 0;
  }

  /** Keep one step. False if the browser keeps nothing. */
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

  /** All steps that were kept, in order. */
  steps() {
    const found = [];
    try {
      for (let n = 1; ; n += 1) {
        const text = this.storage.getItem(this.prefix + n);
        if (text === null || text === undefined) break;
        found.push(JSON.parse(text));
      }
    } catch {
      // what cannot be read ends the list
    }
    this.count = found.length;
    return found;
  }

  /** Forget them: they are saved, or not wanted. */
  clear() {
    try {
      for (let n = this.count; n > 0; n -= 1) this.storage.removeItem(this.prefix + n);
    } catch {
      // nothing was kept
    }
    this.count = 0;
  }

  /** The same corrections under the version that saving gave. */
  moveTo(version) {
    this.clear();
    this.prefix = this.prefix.replace(/[^/]*\/$/u, `${version}/`);
  }
}
