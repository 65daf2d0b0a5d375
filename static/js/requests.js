// What htmx could not do is said in words, in one place, and nothing is swapped away.
const MESSAGES = {
  403: "You are not allowed to do that, or the page is too old. Reload the page and try again.",
  404: "This is no longer here, or it is not yours. Go back to the cases.",
  429: "Too many requests. Wait a minute, then try again.",
};

function say(text) {
  const box = document.querySelector("#request-error");
  if (!box) return;
  box.hidden = false;
  box.querySelector("p").textContent = text;
}

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  say(MESSAGES[status] ?? `The server could not answer (error ${status}). Nothing was lost. Try again, or reload the page.`);
});
document.addEventListener("htmx:sendError", () => {
  say("The server could not be reached. Nothing was lost. Check the connection, then try again.");
});
document.addEventListener("htmx:afterOnLoad", () => {
  const box = document.querySelector("#request-error");
  if (box) box.hidden = true;
});

// A second press of the same button sends nothing: the form is locked until the page leaves or htmx answers.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
