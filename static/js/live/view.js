// Draws the parts of the live answer. Whatever the model says goes in as text, never as markup.
import { drawChange } from "./change.js";
import { drawCitation } from "./citation.js";

const HYPOTHESIS = /^differential\.(\d+)\.(dx|p|for|against)(?:\.(\d+))?$/;
const TEST = /^action\.tests\.(\d+)$/;

export class View {
  constructor(tail) {
    this.tail = tail;
    this.lists = [
      { box: tail.querySelector("[data-live-rank]"), item: document.querySelector("#live-rank-item") },
      { box: document.querySelector("[data-live-rows]"), item: document.querySelector("#live-row") },
    ];
  }

  draw(paths, parts) {
    for (const path of paths) {
      const text = parts.get(path);
      const hypothesis = HYPOTHESIS.exec(path);
      const test = TEST.exec(path);
      if (hypothesis) this.#drawHypothesis(Number(hypothesis[1]), hypothesis[2], Number(hypothesis[3] ?? 0), text);
      else if (test) this.#drawTest(Number(test[1]), text);
      else this.#drawText(path, text);
    }
  }

  clear() {
    for (const part of this.tail.querySelectorAll("[data-part]")) part.textContent = "";
    for (const { box } of this.lists) box?.replaceChildren();
    this.tail.querySelector("[data-live-tests]")?.replaceChildren();
    for (const name of ["rank", "orders", "diagnosis"]) this.#show(`[data-live-${name}]`, false);
    this.#showBoard(false);
  }

  #drawText(path, text) {
    const target = this.tail.querySelector(`[data-part="${CSS.escape(path)}"]`);
    if (!target) return;
    // Only what is new is added, so that a selection and a screen reader's place survive.
    if (!target.firstChild) target.append("");
    const node = target.firstChild;
    if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
    else node.data = text;
    if (path === "action.dx") this.#show("[data-live-diagnosis]", true);
  }

  #drawTest(index, text) {
    const list = this.tail.querySelector("[data-live-tests]");
    while (list.children.length <= index) list.append(document.createElement("li"));
    list.children[index].textContent = text;
    this.#show("[data-live-orders]", true);
  }

  #drawHypothesis(index, field, position, text) {
    for (const { box, item } of this.lists) {
      if (!box) continue;
      while (box.children.length <= index) {
        box.append(item.content.cloneNode(true));
        const rank = box.lastElementChild.querySelector('[data-field="rank"]');
        if (rank) rank.textContent = box.children.length;
      }
      this.#fill(box.children[index], field, position, text);
    }
    this.#show("[data-live-rank]", true);
    this.#showBoard(true);
    if (index === 0 && field === "dx") this.#lead(text);
  }

  #fill(row, field, position, text) {
    const target = row.querySelector(`[data-field="${field}"]`);
    if (field === "for" || field === "against") {
      target.hidden = false;
      drawCitation(target, position, text, field);
    } else if (field === "p") {
      drawChange(row);
      const p = Number.parseFloat(text);
      const known = p >= 0 && p <= 1;
      target.textContent = known ? (p >= 0.995 ? "1.00" : p.toFixed(2).slice(1)) : text;
      row.querySelector('[data-field="bar"]')?.setAttribute("width", known ? Math.round(p * 100) : 0);
    } else target.textContent = text;
  }

  #lead(text) {
    const lead = document.querySelector("#board-lead");
    if (lead) lead.textContent = `1 ${text}`;
  }

  #show(selector, visible) {
    const element = this.tail.querySelector(selector);
    if (element) element.hidden = !visible;
  }

  #showBoard(visible) {
    const live = document.querySelector("[data-live-board]");
    const committed = document.querySelector("[data-committed-board]");
    if (live) live.hidden = !visible;
    if (committed) committed.hidden = visible;
  }
}
