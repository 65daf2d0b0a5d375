// The parts of one answer as they arrive. A part's text only grows, until a snapshot or a reset replaces everything.
export class Parts {
  #texts = new Map();
  #number = 0;

  // Takes a delta once: after a resume the server may repeat what was already seen. Returns the paths that grew.
  add({ n, parts }) {
    if (n <= this.#number) return [];
    this.#number = n;
    return this.#append(parts);
  }

  replace({ n, parts }) {
    this.clear();
    this.#number = n;
    return this.#append(parts);
  }

  clear() {
    this.#texts.clear();
    this.#number = 0;
  }

  get(path) {
    return this.#texts.get(path) ?? "";
  }

  #append(parts) {
    for (const [path, text] of parts) this.#texts.set(path, this.get(path) + text);
    return new Set(parts.map(([path]) => path));
  }
}
