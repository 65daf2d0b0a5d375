// One EventSource that survives lost networks and sleeping laptops. It resumes after the last event it saw.
const EVENTS = ["delta", "snapshot", "reset", "queue", "end"];
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15000;

export class Stream {
  #url;
  #handlers;
  #source = null;
  #after = "";
  #delay = FIRST_DELAY;
  #timer = 0;

  // handlers: one function per event, plus `lost` (failures in a row) and `found`.
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
    this.failures = 0;
    this.#open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    const query = this.#after ? `?after=${encodeURIComponent(this.#after)}` : "";
    const source = new EventSource(this.#url + query);
    this.#source = source;
    for (const name of EVENTS) source.addEventListener(name, (event) => this.#receive(source, name, event));
    source.addEventListener("error", () => this.#retry(source));
  }

  #receive(source, name, event) {
    if (source !== this.#source) return;
    if (this.failures) this.#handlers.found();
    this.failures = 0;
    this.#delay = FIRST_DELAY;
    if (event.lastEventId) this.#after = event.lastEventId;
    this.#handlers[name](JSON.parse(event.data));
  }

  #retry(source) {
    if (source !== this.#source) return;
    source.close();
    this.failures += 1;
    this.#handlers.lost(this.failures);
    this.#timer = setTimeout(() => this.#open(), this.#delay * (0.75 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }
}
