// Single keys for people who work through many cases. They can be switched off (WCAG 2.1.4) in the dialog.
const STORE = "shortcuts";
const SEQUENCE_MS = 1200;

let pendingGo = 0;
let current = -1;

const dialog = document.querySelector("#shortcuts");
const toggle = dialog?.querySelector("[data-shortcuts-off]");

function enabled() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

function press(selector) {
  const control = document.querySelector(selector);
  if (!control || control.disabled) return false;
  control.click();
  return true;
}

function focus(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  return Boolean(field);
}

function move(step) {
  const blocks = [...document.querySelectorAll("[data-block]")];
  if (!blocks.length) return false;
  const focused = blocks.indexOf(document.activeElement?.closest("[data-block]"));
  if (focused >= 0) current = focused;
  current = Math.max(0, Math.min(blocks.length - 1, current + step));
  for (const block of blocks) block.classList.toggle("is-current", block === blocks[current]);
  blocks[current].focus();
  return true;
}

const single = {
  "?": () => (dialog.showModal(), true),
  s: () => press("[data-stop]"),
  r: () => press("[data-retry]"),
  b: () => press("[data-board-toggle]"),
  o: () => focus("[data-order-box] input:not([hidden]), [data-orders]:not([hidden])"),
  d: () => focus('[name^="name_"]'),
  f: () => focus('[name="diagnosis"]'),
  j: () => move(1),
  k: () => move(-1),
  "/": () => focus("[data-search]"),
};

function go(key) {
  const link = document.querySelector(`[data-go="${key}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (!enabled() && event.key !== "?") return;

  if (event.timeStamp - pendingGo < SEQUENCE_MS && pendingGo) {
    pendingGo = 0;
    if (go(event.key)) event.preventDefault();
    return;
  }
  if (event.key === "g") {
    pendingGo = event.timeStamp;
    return;
  }
  if (Object.hasOwn(single, event.key) && single[event.key]()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts-open]")) dialog.showModal();
});

if (toggle) {
  toggle.checked = !enabled();
  toggle.addEventListener("change", () => {
    try {
      localStorage.setItem(STORE, toggle.checked ? "off" : "on");
    } catch {
      toggle.checked = false;
    }
  });
}
