// A citation lights the words it points at; words light the beliefs that rest on them.
function targets(element) {
  const cite = element.closest("[data-ref]");
  if (cite) return [document.getElementById(cite.dataset.ref)];
  const words = element.closest("[data-number]");
  if (!words) return [];
  const cites = document.querySelectorAll(`[data-ref="${CSS.escape(words.id)}"]`);
  return [...cites].map((each) => each.closest("[data-belief]"));
}

function light(event) {
  for (const lit of document.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
  if (!(event.target instanceof Element)) return;
  for (const target of targets(event.target)) target?.classList.add("is-lit");
}

document.addEventListener("mouseover", light);
document.addEventListener("focusin", light);

// Every finding that something cites carries its number. Called again after each change of the page.
export function markCited() {
  const cited = new Set([...document.querySelectorAll("[data-ref]")].map((each) => each.dataset.ref));
  for (const words of document.querySelectorAll("[data-number]")) {
    words.classList.toggle("is-cited", cited.has(words.id));
  }
}

markCited();
document.addEventListener("htmx:afterSettle", markCited);
