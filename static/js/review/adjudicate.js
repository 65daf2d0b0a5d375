// Deciding by keyboard: a letter chooses a rater, a digit the cause, j and k go from difference to difference.
import { switchedOff } from "./keys.js";

const SEQUENCE_MS = 1200;
const form = document.querySelector("form[data-adjudicate]");
const lines = [...document.querySelectorAll("[data-differs]")];
let goAt = -Infinity;
let at = -1;

function choose(selector) {
  const input = form.querySelector(selector);
  if (!input) return false;
  input.checked = true;
  input.focus({ preventScroll: true });
  return true;
}

function move(step) {
  if (!lines.length) return false;
  at = Math.max(0, Math.min(lines.length - 1, at + step));
  lines[at].focus({ preventScroll: true });
  lines[at].scrollIntoView({ block: "center", behavior: "instant" });
  return true;
}

function press(key) {
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "n") return (form.querySelector("[data-note]").focus(), true);
  if (key === "Enter") return (form.requestSubmit(), true);
  if (/^[0-9]$/.test(key)) return choose(`[data-cause="${key}"]`);
  return /^[a-z]$/.test(key) && choose(`[data-letter="${key}"]`);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const writing = event.target.closest("textarea, select");
    if (writing && event.key === "Escape") return writing.blur();
    const inForm = form.contains(event.target);
    if (writing && inForm && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return form.requestSubmit();
    if (writing || event.ctrlKey || event.metaKey || switchedOff()) return;
    if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
    const going = event.timeStamp - goAt < SEQUENCE_MS;
    goAt = event.key === "g" ? event.timeStamp : -Infinity;
    if (going || !press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
document.querySelector("[data-problems]")?.focus();
