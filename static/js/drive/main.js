// The person's turn: the form comes alive, is sent once, and the page goes to what came of it.
import "./citing.js";
import { attachOrders } from "./orders.js";
import { attachRanking } from "./ranking.js";

let form = null;
let orders = null;
let sent = false;

function announce(text) {
  document.querySelector("#announcer").textContent = text;
}

function scan() {
  const found = document.querySelector("#drive");
  if (found === form) return;
  form = found;
  document.querySelector("#transcript").classList.toggle("is-driving", Boolean(form));
  if (!form) return;
  orders = attachOrders(form, announce);
  attachRanking(form, announce);
}

// After a turn: to its results, to the truth, or to what was wrong.
function arrive() {
  const blocks = document.querySelectorAll("#transcript [data-block]");
  const goal = document.querySelector("#drive [data-problems], #reveal") ?? blocks[blocks.length - 1];
  if (!goal) return;
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: "start", behavior: "instant" });
  const outcomes = [...goal.querySelectorAll(".outcome")].map((each) => each.textContent.trim());
  if (goal.id === "reveal") announce("The case has ended. The truth is shown.");
  else if (outcomes.length) announce(`Answered: ${outcomes.join(", ")}.`);
}

document.addEventListener(
  "submit",
  (event) => {
    if (event.target !== form) return;
    sent = true;
    orders.flush();
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (!form?.contains(event.target) || event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) form.querySelector("[data-order]")?.click();
  // Enter in a field sends nothing: an order costs a turn.
  if (event.target.matches("input")) event.preventDefault();
});
document.addEventListener("input", (event) => {
  if (form?.contains(event.target)) form.dataset.touched = "1";
});

// Another window took a turn: what is being written here is not swept away.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target, xhr } = event.detail;
  if (target.id !== "tail" || requestConfig.verb !== "get" || xhr.status !== 200 || !form?.dataset.touched) return;
  event.detail.shouldSwap = false;
  form.querySelector("[data-moved]").hidden = false;
});
document.addEventListener("htmx:afterSettle", () => {
  scan();
  if (sent) arrive();
  sent = false;
});
for (const failure of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failure, () => {
    sent = false;
  });
}
scan();
