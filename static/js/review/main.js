// The page on which one judges: it saves itself, keeps what the server does not have yet, and obeys keys.
import { attachAutosave } from "./autosave.js";
import { attachKeys } from "./keys.js";

const ADVANCE = "review-auto-advance";
let workspace = null;
let seen = "";

function announce(text) {
  document.querySelector("#announcer").textContent = text;
}

// To what is wrong, else to the turn in question.
function arrive() {
  const problems = workspace.querySelector("[data-problems]");
  const blocks = workspace.querySelectorAll("#transcript [data-block]");
  const goal = problems ?? workspace.querySelector("#truth-head") ?? blocks[blocks.length - 1];
  if (!goal) return;
  goal.tabIndex = -1;
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: problems ? "center" : "nearest", behavior: "instant" });
  if (!problems) announce(workspace.querySelector(".annotate__judge h2").textContent);
}

function rememberAdvance() {
  const box = workspace.querySelector("[data-auto-advance]");
  if (!box) return;
  try {
    box.checked = localStorage.getItem(ADVANCE) !== "off";
    box.addEventListener("change", () => localStorage.setItem(ADVANCE, box.checked ? "on" : "off"));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function scan() {
  const found = document.querySelector("#workspace[data-item]");
  if (!found || found === workspace) return;
  const first = workspace === null;
  workspace = found;
  rememberAdvance();
  attachAutosave(workspace, seen);
  seen = workspace.dataset.place;
  workspace.dataset.ready = "1";
  if (!first || workspace.querySelector("[data-problems]")) arrive();
}

document.addEventListener("htmx:afterSettle", scan);
scan();
attachKeys();
