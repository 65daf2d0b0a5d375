// Below 900 px the board is a sheet at the bottom of the window; its handle shows the leading diagnosis.
function setOpen(open) {
  const board = document.querySelector("#board");
  const handle = board?.querySelector("[data-board-toggle]");
  if (!handle) return;
  board.classList.toggle("is-open", open);
  handle.setAttribute("aria-expanded", String(open));
}

document.addEventListener("click", (event) => {
  const handle = event.target.closest("[data-board-toggle]");
  if (handle) setOpen(handle.getAttribute("aria-expanded") !== "true");
  else if (event.target.closest("#board a[data-ref]") && matchMedia("(max-width: 900px)").matches) setOpen(false);
});

document.addEventListener("keydown", (event) => {
  const handle = document.querySelector('[data-board-toggle][aria-expanded="true"]');
  if (event.key !== "Escape" || !handle) return;
  setOpen(false);
  handle.focus();
});
