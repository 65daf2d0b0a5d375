// How far a hypothesis moved since the committed board: the live twin of templates/diagnosis/parts/change.html.
// Drawn when its probability begins, because only then is its name complete.
function describe(before, now) {
  if (!before) return ["new", "+", "new"];
  const moved = Number(before) - now;
  if (moved > 0) return ["up", "▲", `${moved}`];
  if (moved < 0) return ["down", "▼", `${-moved}`];
  return ["same", "=", "same"];
}

export function drawChange(row) {
  const target = row.querySelector('[data-field="change"]');
  if (!target || target.firstChild) return;
  const name = row.querySelector('[data-field="dx"]').textContent.trim().toLowerCase();
  const before = document.querySelector(`[data-committed-board] [data-dx="${CSS.escape(name)}"]`);
  const [kind, sign, word] = describe(before?.dataset.rank, Number(row.querySelector('[data-field="rank"]').textContent));
  target.className = `change change--${kind}`;
  const mark = document.createElement("span");
  mark.setAttribute("aria-hidden", "true");
  mark.textContent = sign;
  const direction = document.createElement("span");
  direction.className = "visually-hidden";
  direction.textContent = kind === "up" || kind === "down" ? `${kind} ` : "";
  target.replaceChildren(mark, direction, word);
}
