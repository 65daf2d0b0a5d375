// The WAI-ARIA combobox with a list that only offers: what is typed counts as it is written, unless a name is chosen.
import { load, match } from "./terms.js";

let made = 0;
let pressed = false;
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => (pressed = false), true);

// handlers: `pick(name)` when a name is chosen; `enter(text)` for Enter without one.
export function attachCombobox(input, url, handlers) {
  const list = makeList(input);
  let active = -1;
  // The offer that is awaited; whatever closes the list calls it off.
  let awaited = null;

  function options() {
    return [...list.children];
  }

  function close() {
    list.hidden = true;
    active = -1;
    awaited = null;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function activate(index) {
    active = index;
    options().forEach((option, each) => option.setAttribute("aria-selected", String(each === active)));
    const option = options()[active];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const count = options().length;
    activate(active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count);
  }

  function pick(option) {
    close();
    handlers.pick(option.dataset.name);
  }

  async function offer() {
    const mine = (awaited = {});
    const entries = await load(url);
    if (awaited !== mine || document.activeElement !== input) return;
    awaited = null;
    const found = match(entries, input.value);
    list.replaceChildren(...found.map((each, index) => makeOption(`${list.id}-${index}`, each)));
    if (!found.length) return close();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    activate(-1);
    list.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  input.addEventListener("focus", () => load(url));
  input.addEventListener("input", offer);
  input.addEventListener("blur", () => {
    awaited = null;
    // Closing moves the page: the button that is being pressed would slip away from under the pointer.
    if (pressed) document.addEventListener("pointerup", () => setTimeout(close), { once: true });
    else close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) move(event.key === "ArrowDown" ? 1 : -1);
      else offer();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && active >= 0) pick(options()[active]);
      else {
        close();
        handlers.enter(input.value.trim());
      }
    } else if (event.key === "Escape" && (open || awaited)) {
      event.stopPropagation();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => {
    // The field keeps the focus.
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
}

function makeList(input) {
  const list = document.createElement("ul");
  list.id = `names-${(made += 1)}`;
  list.className = "combo__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Names");
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  return list;
}

function makeOption(id, { name, alias }) {
  const option = document.createElement("li");
  option.id = id;
  option.dataset.name = name;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.textContent = name;
  if (alias) {
    const also = document.createElement("span");
    also.className = "quiet small";
    also.textContent = ` ${alias}`;
    option.append(also);
  }
  return option;
}
