// The page on which a turn is corrected: the form comes alive and saves itself; keys and drag move what is ranked.
import "../drive/citing.js";
import { attachOrders } from "../drive/orders.js";
import { attachRanking } from "../drive/ranking.js";
import { attachAutosave, pending } from "./autosave.js";
import { clear, fieldsOf } from "./buffer.js";

const form = document.querySelector("form[data-correct]");

function announce(text) {
  document.querySelector("#announcer").textContent = text;
}

function switchedOff() {
  try {
    return localStorage.getItem("shortcuts") === "off";
  } catch {
    return false;
  }
}

// Lines and chips are moved by scripts, which no field tells of: whatever changed is saved like something typed.
function watchChanges() {
  let last = JSON.stringify(fieldsOf(form));
  function look() {
    const now = JSON.stringify(fieldsOf(form));
    if (now === last) return;
    last = now;
    form.elements.reasoning.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const each of ["input", "click", "keyup", "drop"]) form.addEventListener(each, () => setTimeout(look));
}

// What is on its way arrives first, so that the form is not stale because of this page itself.
function send(event, orders) {
  orders.flush();
  const before = pending();
  if (!before) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  before.finally(() => form.requestSubmit(event.submitter));
}

function attachDrag() {
  const rows = [...form.querySelectorAll("[data-row]")];
  let from = -1;
  rows.forEach((row, index) => {
    const handle = row.querySelector("[data-drag]");
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      from = index;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", String(index));
    });
    row.addEventListener("dragover", (event) => {
      if (from < 0) return;
      event.preventDefault();
      row.classList.add("is-over");
    });
    row.addEventListener("dragleave", () => row.classList.remove("is-over"));
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      row.classList.remove("is-over");
      const step = Math.sign(index - from);
      for (let at = from; step && at !== index; at += step) rows[at].querySelector(`[data-move="${step}"]`).click();
      from = -1;
    });
    handle.addEventListener("dragend", () => {
      from = -1;
    });
  });
}

function openKeys() {
  document.querySelector("#correction-keys").showModal();
}

// What the page offers at this moment; a key that it does not offer does nothing.
function press(key) {
  if (key === "?") return (openKeys(), true);
  const button = document.querySelector(`[data-press="${CSS.escape(key)}"]:not(:disabled)`);
  button?.click();
  return Boolean(button);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form?.querySelector("[data-run]").click();
      return;
    }
    const writing = event.target.matches("input:not([type=radio]), textarea, select");
    if (writing && event.key === "Escape") event.target.blur();
    // Enter in a field sends nothing.
    if (form?.contains(event.target) && event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    if (writing || event.ctrlKey || event.metaKey || switchedOff() || !press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-correction-keys]")) openKeys();
});

if (form) {
  const orders = attachOrders(form, announce);
  attachRanking(form, announce);
  attachDrag();
  watchChanges();
  form.addEventListener("submit", (event) => send(event, orders), true);
  attachAutosave(document.querySelector("#correction"));
  (document.querySelector("[data-problems]") ?? form.elements.reasoning).focus({ preventScroll: true });
} else {
  document.querySelector("[data-problems]")?.focus();
  const page = document.querySelector("#correction[data-item]");
  if (page) clear(page);
}
document.addEventListener("htmx:afterSettle", () => {
  const state = document.querySelector("[data-rerun-state]");
  if (state) announce(state.textContent.replace(/\s+/g, " ").trim());
});
