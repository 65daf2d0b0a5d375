// While a "for" or "against" field has the focus, a click on a finding puts its number in, or takes it out.
const FIELD = 'input[name^="supporting_"], input[name^="contradicting_"]';

document.addEventListener("mousedown", (event) => {
  const field = document.activeElement;
  const piece = event.target.closest("#transcript [data-number]");
  if (!piece?.dataset.number || !field?.matches(FIELD)) return;
  event.preventDefault();
  const numbers = field.value.split(/[\s,]+/).filter(Boolean);
  const at = numbers.indexOf(piece.dataset.number);
  if (at >= 0) numbers.splice(at, 1);
  else numbers.push(piece.dataset.number);
  field.value = numbers.join(" ");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("focusin", (event) => {
  document.querySelector("#transcript")?.classList.toggle("is-citing", event.target.matches(FIELD));
});
