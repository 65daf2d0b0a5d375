// Drafts are saved a moment after the last key. What the server has not confirmed stays in the buffer until it has.
import * as buffer from "./buffer.js";

const PAUSE_MS = 700;
const RETRY_MS = 4000;
const HEARTBEAT_MS = 30_000;
const ACTIVE_MS = 120_000;

let current = null;

export function attachAutosave(workspace, placeBefore) {
  current?.stop();
  const form = workspace.querySelector("form[data-judge], form[data-correct]");
  const saved = workspace.querySelector("[data-saved]");
  let timer = 0;
  let beat = 0;
  let inFlight = null;
  let stopped = false;
  let activeAt = Date.now();

  function say(text, link) {
    saved.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = "Sign in";
    saved.append(" ", anchor);
  }

  function claim({ expires, claim: lost }) {
    const place = workspace.querySelector("[data-claim]");
    if (place) place.textContent = lost ?? `claim until ${expires}`;
  }

  function later(wait) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, wait);
  }

  async function post(url, body) {
    const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      const back = encodeURIComponent(location.pathname);
      say("You are signed out. What you write is kept on this computer.", `/accounts/login/?next=${back}`);
      return null;
    }
    return answer;
  }

  async function send() {
    const fields = buffer.fieldsOf(form);
    say("saving…");
    let answer;
    try {
      answer = await post(workspace.dataset.save, new FormData(form));
    } catch {
      say("No connection. What you write is kept on this computer and saved when it is back.");
      return later(RETRY_MS);
    }
    if (!answer) return later(RETRY_MS);
    if (answer.status >= 500 || answer.status === 404) {
      say(`Not saved (error ${answer.status}). It is kept on this computer.`);
      return later(RETRY_MS);
    }
    const said = await answer.json();
    if (answer.ok) {
      form.elements.revision.value = said.revision;
      if (buffer.sameFields(fields, buffer.fieldsOf(form))) buffer.clear(workspace);
      else buffer.write(workspace, form);
      const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      say(`saved ${now}`);
      const shown = said.diff && new DOMParser().parseFromString(said.diff, "text/html").querySelector("[data-diff]");
      if (shown) workspace.querySelector("[data-diff]").replaceWith(shown);
      return claim(said);
    }
    // Another window was faster, or something is too long: nothing is sent again until somebody acts.
    if (answer.status === 409) stopped = true;
    say(said.reason);
  }

  function save() {
    clearTimeout(timer);
    if (stopped || !form.isConnected) return;
    if (inFlight) return later(PAUSE_MS);
    inFlight = send().finally(() => {
      inFlight = null;
    });
  }

  function touched() {
    activeAt = Date.now();
    buffer.write(workspace, form);
    later(PAUSE_MS);
  }

  async function heartbeat() {
    if (Date.now() - activeAt > ACTIVE_MS || document.hidden) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await post(workspace.dataset.heartbeat, body);
      if (answer?.ok) claim(await answer.json());
    } catch {
      // The next one will tell.
    }
  }

  function offer() {
    const kept = buffer.read(workspace);
    const notice = workspace.querySelector("[data-buffer-notice]");
    const words = workspace.querySelector("[data-buffer-words]");
    const choice = workspace.querySelector("[data-buffer-choice]");
    if (!kept) return;
    if (buffer.sameFields(kept.fields, buffer.fieldsOf(form))) {
      // Sent and shown again because of a fault, it may still not be saved.
      if (!workspace.querySelector("[data-problems]")) buffer.clear(workspace);
      return;
    }
    const when = new Date(kept.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    notice.hidden = false;
    if (kept.revision === form.elements.revision.value) {
      words.textContent = `What you wrote at ${when} had not been saved. It has been put back.`;
      buffer.restore(form, kept.fields);
      save();
      return;
    }
    words.textContent = `What you wrote here at ${when} had not been saved, and the item was changed elsewhere since.`;
    choice.hidden = false;
    workspace.querySelector("[data-buffer-restore]").addEventListener("click", () => {
      buffer.restore(form, kept.fields);
      notice.hidden = true;
      touched();
    });
    workspace.querySelector("[data-buffer-drop]").addEventListener("click", () => {
      buffer.clear(workspace);
      notice.hidden = true;
    });
  }

  const listeners = new AbortController();
  const options = { signal: listeners.signal };
  form.addEventListener("input", (event) => {
    if (event.target.name) touched();
  }, options);
  for (const each of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(each, () => {
      activeAt = Date.now();
    }, { ...options, passive: true });
  }
  addEventListener("online", save, options);
  // What is on its way arrives first, so that the form is not stale because of this page itself.
  document.addEventListener("htmx:confirm", (event) => {
    clearTimeout(timer);
    if (event.target !== form || !inFlight) return;
    event.preventDefault();
    inFlight.finally(() => event.detail.issueRequest(true));
  }, options);
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, () => later(RETRY_MS), options);
  }
  if (workspace.dataset.heartbeat) beat = setInterval(heartbeat, HEARTBEAT_MS);
  current = {
    pending: () => inFlight,
    stop() {
      stopped = true;
      listeners.abort();
      clearTimeout(timer);
      clearInterval(beat);
    },
  };
  // The page went on, so the step before is stored.
  if (placeBefore && placeBefore !== workspace.dataset.place) buffer.clear(workspace, placeBefore);
  offer();
}

// What is on its way to the server, as a promise; null when nothing is.
export function pending() {
  return current?.pending() ?? null;
}

// Handed in, put back or skipped: the page is left because the server took it.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const place = event.detail.xhr.getResponseHeader("HX-Redirect");
  const workspace = document.querySelector("#workspace[data-item]");
  if (place && workspace && !place.includes("/accounts/")) {
    current?.stop();
    buffer.clear(workspace);
  }
});
