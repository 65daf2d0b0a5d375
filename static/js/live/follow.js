// The page follows the words only while the reader is near the bottom; otherwise a button offers to go there.
const NEAR = 160;

const button = document.querySelector("[data-to-latest]");
let following = isNear();
let swapping = false;

function isNear() {
  return document.documentElement.scrollHeight - innerHeight - scrollY < NEAR;
}

function toBottom() {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
}

// Call after the page grew. `goal` is what should come into view instead of the very end.
export function follow(goal = null) {
  swapping = false;
  if (!following) {
    if (button) button.hidden = isNear();
  } else if (goal) goal.scrollIntoView({ block: "start", behavior: "instant" });
  else toBottom();
}

button?.addEventListener("click", () => {
  toBottom();
  button.hidden = true;
});

// Only scrolling changes the wish to follow: growth alone moves the bottom away, not the reader. What the browser
// scrolls by itself while blocks are replaced says nothing about the reader either.
document.addEventListener("htmx:beforeSwap", () => {
  swapping = true;
});
document.addEventListener("htmx:afterSettle", () => {
  swapping = false;
});
addEventListener(
  "scroll",
  () => {
    if (swapping) return;
    following = isNear();
    if (button && following) button.hidden = true;
  },
  { passive: true },
);
