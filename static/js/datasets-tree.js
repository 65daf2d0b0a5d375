// Arrow keys go through the tree: up to the turn before, down to the first after it, sideways to its neighbours.
const places = () => [...document.querySelectorAll("[data-tree] .turn[data-seq]")];

function neighbour(from, key) {
  const all = places();
  if (key === "ArrowUp") return all.find((place) => place.dataset.seq === from.dataset.parent);
  if (key === "ArrowDown") return all.find((place) => place.dataset.parent === from.dataset.seq);
  const level = all.filter((place) => depth(place, all) === depth(from, all));
  level.sort((one, other) => one.getBoundingClientRect().x - other.getBoundingClientRect().x);
  return level[level.indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
}

function depth(place, all) {
  let steps = 0;
  for (let at = place; at && at.dataset.parent !== ""; steps += 1) {
    at = all.find((each) => each.dataset.seq === at.dataset.parent);
  }
  return steps;
}

document.addEventListener("keydown", (event) => {
  const from = event.target.closest?.("[data-tree] .turn[data-seq]");
  if (!from || !/^Arrow(Up|Down|Left|Right)$/.test(event.key)) return;
  event.preventDefault();
  neighbour(from, event.key)?.focus();
});

// The tree is drawn anew with each selection: the focus stays where the hand was, and the picture where the eye was.
let left = 0;
document.addEventListener("htmx:beforeSwap", () => {
  left = document.querySelector(".tree__scroll")?.scrollLeft ?? 0;
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.matches?.("[data-tree]")) return;
  const scroll = document.querySelector(".tree__scroll");
  if (scroll) scroll.scrollLeft = left;
  document.querySelector('[data-tree] .turn[aria-current="true"]')?.focus({ preventScroll: true });
});
