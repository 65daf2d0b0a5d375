// Orders as chips. The form's own field, one order a line, stays what is sent; here it is only filled in.
import { attachCombobox } from "./combobox.js";

const MOST = 3;

export function attachOrders(form, announce) {
  const field = form.querySelector("[data-orders]");
  if (!field) return { flush: () => {} };
  const input = makeInput(field);
  const chips = document.createElement("ul");
  chips.className = "chips";
  chips.setAttribute("aria-label", "Tests to order");
  const combo = document.createElement("div");
  combo.className = "combo";
  combo.append(input);
  // Beside its button, so that the list of names never covers it.
  field.before(combo);
  field.closest("[data-line]").before(chips);
  field.hidden = true;
  let orders = field.value.split("\n").map((line) => line.trim()).filter(Boolean);

  function draw() {
    field.value = orders.join("\n");
    chips.replaceChildren(...orders.map((order, index) => makeChip(order, () => remove(index))));
    chips.hidden = !orders.length;
    form.dataset.touched = "1";
  }

  function remove(index) {
    const [gone] = orders.splice(index, 1);
    draw();
    announce(`${gone} taken out.`);
    input.focus();
  }

  function add(order) {
    if (!order) return;
    if (orders.some((each) => each.toLowerCase() === order.toLowerCase())) announce(`${order} is already there.`);
    else if (orders.length >= MOST) {
      announce(`A turn carries out ${MOST} tests. Place the order, or take one out.`);
      input.setCustomValidity(`A turn carries out ${MOST} tests. Place the order, or take one out.`);
      input.reportValidity();
      return;
    } else {
      orders = [...orders, order];
      draw();
      announce(`${order} added. ${orders.length} of ${MOST}.`);
    }
    input.value = "";
  }

  attachCombobox(input, form.dataset.tests, { pick: add, enter: add });
  input.addEventListener("input", () => input.setCustomValidity(""));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !input.value && orders.length) remove(orders.length - 1);
  });
  const touched = form.dataset.touched;
  draw();
  if (!touched) delete form.dataset.touched;
  // What was typed and not added is meant to be ordered.
  return { flush: () => add(input.value.trim()) };
}

function makeInput(field) {
  const input = document.createElement("input");
  input.type = "text";
  input.id = field.id;
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("aria-describedby", "drive-orders-help");
  if (field.hasAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
  field.removeAttribute("id");
  return input;
}

function makeChip(order, remove) {
  const chip = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", `Take out ${order}`);
  button.textContent = "✕";
  button.addEventListener("click", remove);
  chip.append(order, button);
  return chip;
}
