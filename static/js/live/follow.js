// The page follows the words only while the reader is near the bottom; otherwise a button offers to go there.
const NEAR = 160;

const button = document.querySelector("[data-to-latest]");

function distance() {
  return document.documentElement.scrollHeight - innerHeight - scrollY;
}

export function keepFollowing(change) {
  const near = distance() < NEAR;
  change();
  if (near) scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  else if (button) button.hidden = false;
}

button?.addEventListener("click", () => {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  button.hidden = true;
});
addEventListener("scroll", () => {
  if (button && distance() < NEAR) button.hidden = true;
}, { passive: true });
