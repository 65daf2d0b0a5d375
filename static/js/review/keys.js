// Judging by keyboard. The keys of errors and answers stand in the page; the rest is here.
const LABELS = { 1: "1", 2: "0", 0: "0", 3: "-1", "-": "-1" };
const SEQUENCE_MS = 1200;
let goAt = -Infinity;
// Pressed while the next turn is on its way or not settled yet; they are meant for it.
let waiting = [];

function find() {
  return document.querySelector("#workspace[data-item]");
}

function formOf(workspace) {
  return workspace.querySelector("form[data-judge]");
}

// Until htmx has settled it, a button of a new turn would send its form past htmx.
function isReady(workspace) {
  return Boolean(workspace.dataset.ready) && !formOf(workspace).dataset.going;
}

export function switchedOff() {
  try {
    return localStorage.getItem("shortcuts") === "off";
  } catch {
    return false;
  }
}

function choose(input, on = true) {
  if (!input) return false;
  input.checked = on;
  input.closest("details")?.setAttribute("open", "");
  input.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

// In the second look keys are for the turn that has the focus.
function scopeOf(workspace) {
  const here = document.activeElement;
  const inside = here?.closest("[data-judge-turn]");
  if (inside) return inside;
  const after = here?.closest("[data-block]")?.nextElementSibling;
  return after?.matches("[data-judge-turn]") ? after : workspace.querySelector(".annotate__judge");
}

function isComplete(scope) {
  return [...scope.querySelectorAll("fieldset[data-required]")].every((each) => each.querySelector(":checked"));
}

function leave(workspace, button) {
  if (!button) return;
  formOf(workspace).dataset.going = "1";
  button.click();
}

function goOn(workspace) {
  leave(workspace, workspace.querySelector("[data-go-on]"));
  return true;
}

function catchUp() {
  const workspace = find();
  if (!workspace || workspace.querySelector("[data-problems]")) waiting = [];
  while (waiting.length && isReady(workspace)) press(workspace, waiting.shift());
}

function giveUp() {
  waiting = [];
  const workspace = find();
  if (workspace) delete formOf(workspace).dataset.going;
}

function label(workspace, scope, value) {
  if (!choose(scope.querySelector(`[data-label][value="${value}"]`))) return false;
  const advance = workspace.querySelector("[data-auto-advance]")?.checked && workspace.dataset.step === "turn";
  if (advance && value !== "-1" && isComplete(scope)) goOn(workspace);
  return true;
}

// One step up a scale; from nothing to its second place, which is its first that says something.
function cycle(scope, key) {
  const levels = [...scope.querySelectorAll(`[data-cycle="${key}"]`)];
  if (!levels.length) return false;
  const at = levels.findIndex((each) => each.checked);
  return choose(levels[(at < 0 ? 1 : at + 1) % levels.length]);
}

// What the rubric has on this key: a box is ticked or unticked, a question that is still open is answered first.
function answer(scope, key) {
  const found = [...scope.querySelectorAll("[data-key]:not([data-label])")].filter((each) => each.dataset.key === key);
  if (!found.length) return false;
  const open = found.find((each) => each.type === "radio" && !each.closest("fieldset").querySelector(":checked"));
  const input = open ?? found[0];
  if (input.matches("button")) return (leave(find(), input), true);
  return choose(input, input.type === "checkbox" ? !input.checked : true);
}

function press(workspace, key) {
  const scope = scopeOf(workspace);
  if (key === "Enter") return goOn(workspace);
  if (key === "Backspace") return (leave(workspace, workspace.querySelector("[data-back]")), true);
  if (key === "?") return (document.querySelector("#review-keys").showModal(), true);
  if (key === "n") return (scope.querySelector("[data-note]")?.focus(), true);
  if (key === "h" || key === "l") return cycle(scope, key);
  if (scope.querySelector("[data-label]")) {
    if (key in LABELS) return label(workspace, scope, LABELS[key]);
    if (key === "u") return label(workspace, scope, "");
    if (key === "e") {
      choose(scope.querySelector('[data-key="i"]'), false);
      return label(workspace, scope, "-1");
    }
    if (key === "i") label(workspace, scope, "-1");
  }
  return answer(scope, key) || (key === "r" && correct(workspace, scope));
}

// The turn in question, or the one that has the focus; a rubric that uses this key comes first.
function correct(workspace, scope) {
  const button = scope.querySelector("[data-correct]") ?? workspace.querySelector("[data-correct]");
  leave(workspace, button);
  return Boolean(button);
}

export function attachKeys() {
  // Before the site's own shortcuts, which know j, k and the ways to other pages.
  document.addEventListener(
    "keydown",
    (event) => {
      const workspace = find();
      if (!workspace || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
      const writing = event.target.closest("textarea");
      if (writing && event.key === "Escape") return writing.blur();
      if (writing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return goOn(workspace);
      if (writing || event.ctrlKey || event.metaKey || switchedOff()) return;
      if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
      const going = event.timeStamp - goAt < SEQUENCE_MS;
      goAt = event.key === "g" ? event.timeStamp : -Infinity;
      if (going) return;
      if (waiting.length || !isReady(workspace)) waiting.push(event.key);
      else if (!press(workspace, event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  document.addEventListener("htmx:afterSettle", catchUp);
  for (const failure of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(failure, giveUp);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-review-keys]")) document.querySelector("#review-keys").showModal();
  });
}
