// The live twin of templates/diagnosis/parts/cite.html: a numbered link to words that were shown, or a caution.
function link(words, id, side) {
  const cite = document.createElement("a");
  cite.className = `cite cite--${side}`;
  cite.href = `#${id}`;
  cite.dataset.ref = id;
  const meaning = document.createElement("span");
  meaning.className = "visually-hidden";
  meaning.textContent = side === "for" ? "supported by finding " : "contradicted by finding ";
  cite.append(meaning, words.dataset.number);
  return cite;
}

function unknown(id) {
  const cite = document.createElement("span");
  cite.className = "cite cite--unknown";
  cite.textContent = `${id}?`;
  return cite;
}

export function drawCitation(box, position, id, side) {
  const words = document.getElementById(id);
  const cite = words?.dataset.number ? link(words, id, side) : unknown(id);
  const shown = box.querySelectorAll(".cite")[position];
  if (shown) shown.replaceWith(cite);
  else box.append(cite);
}
