// Runs before first paint (a plain script in the head), so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const names = ["system", "light", "dark"];

  function stored() {
    try {
      const name = localStorage.getItem("theme");
      return names.includes(name) ? name : "system";
    } catch {
      return "system";
    }
  }

  function apply(name) {
    if (name === "system") delete root.dataset.theme;
    else root.dataset.theme = name;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-label", `Colour theme: ${name}. Change`);
      button.title = `Theme: ${name}`;
    }
  }

  root.classList.add("js");
  apply(stored());

  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = names[(names.indexOf(stored()) + 1) % names.length];
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Private windows may refuse storage; the choice then lasts until the next page.
    }
    apply(next);
  });
})();
