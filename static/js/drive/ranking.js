// The ranked differential: five lines whose values change places. One empty line is always offered.
import { attachCombobox } from "./combobox.js";

export function attachRanking(form, announce) {
  const rows = [...form.querySelectorAll("[data-row]")];
  const final = form.querySelector('[name="diagnosis"]');
  const fields = rows.map((row) => [...row.querySelectorAll("input")]);
  const name = (index) => fields[index][0].value.trim();
  const isEmpty = (index) => fields[index].every((field) => !field.value.trim());
  let follows = !final.value || final.value === name(0);

  function lastFilled() {
    return rows.findLastIndex((_, index) => !isEmpty(index));
  }

  function refresh() {
    const last = lastFilled();
    rows.forEach((row, index) => {
      row.hidden = index > last + 1;
      const [up, down] = row.querySelectorAll("[data-move]");
      up.disabled = index === 0 || isEmpty(index);
      down.disabled = index >= last;
      row.querySelector("[data-remove]").disabled = isEmpty(index);
    });
    if (follows) final.value = name(0);
  }

  function swap(one, other) {
    fields[one].forEach((field, column) => {
      [field.value, fields[other][column].value] = [fields[other][column].value, field.value];
    });
  }

  function move(index, step, column) {
    const to = index + step;
    if (to < 0 || to > lastFilled() || isEmpty(index)) return;
    swap(index, to);
    refresh();
    form.dataset.touched = "1";
    announce(`${name(to) || "Line"} is now number ${to + 1}.`);
    if (column >= 0) fields[to][column].focus();
    else {
      const button = rows[to].querySelector(`[data-move="${step}"]`);
      (button.disabled ? fields[to][0] : button).focus();
    }
  }

  function remove(index) {
    const gone = name(index);
    for (const field of fields[index]) field.value = "";
    for (let each = index; each < lastFilled(); each += 1) swap(each, each + 1);
    refresh();
    form.dataset.touched = "1";
    announce(`${gone} removed.`);
    fields[index][0].focus();
  }

  function goOn(index) {
    refresh();
    fields[index][1].focus();
  }

  rows.forEach((row, index) => {
    const [dx] = fields[index];
    attachCombobox(dx, form.dataset.diagnoses, {
      pick: (picked) => {
        dx.value = picked;
        form.dataset.touched = "1";
        goOn(index);
      },
      enter: () => goOn(index),
    });
    row.addEventListener("input", refresh);
    row.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.move) move(index, Number(button.dataset.move), -1);
      else remove(index);
    });
    row.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      move(index, step, fields[index].indexOf(event.target));
    });
  });
  final.addEventListener("input", () => {
    follows = !final.value;
  });
  attachCombobox(final, form.dataset.diagnoses, {
    pick: (picked) => {
      final.value = picked;
      follows = false;
      form.querySelector("[data-commit]").focus();
    },
    enter: () => form.querySelector("[data-commit]").focus(),
  });
  refresh();
}
