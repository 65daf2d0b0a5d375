// What was written and is not known to be saved, on this computer, under the reader's own number.
const PREFIX = "review";

function keyOf(workspace, place) {
  return [PREFIX, workspace.dataset.user, workspace.dataset.item, place].join(":");
}

export function fieldsOf(form) {
  const sent = [...new FormData(form)];
  return sent.filter(([name]) => !["csrfmiddlewaretoken", "revision", "do"].includes(name)).map(([name, value]) => [name, String(value).replaceAll("\r\n", "\n")]);
}

export function sameFields(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function read(workspace) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(workspace, workspace.dataset.place)));
  } catch {
    return null;
  }
}

export function write(workspace, form) {
  const kept = { revision: form.elements.revision.value, fields: fieldsOf(form), at: Date.now() };
  try {
    localStorage.setItem(keyOf(workspace, workspace.dataset.place), JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: the server is still written to.
  }
}

export function clear(workspace, place = workspace.dataset.place) {
  try {
    localStorage.removeItem(keyOf(workspace, place));
  } catch {
    // Nothing was kept.
  }
}

export function restore(form, fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || ["csrfmiddlewaretoken", "revision", "do"].includes(field.name)) continue;
    const kept = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else if (["textarea", "text"].includes(field.type) && kept.length) field.value = kept[0];
  }
}
