// Names to complete. Fetched once a page and matched here, so that every key is answered at once.
const lists = new Map();

export function fold(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/ae|oe/g, "e").replace(/[^a-z0-9]+/g, " ").trim();
}

export function load(url) {
  if (!lists.has(url)) lists.set(url, fetchNames(url));
  return lists.get(url);
}

async function fetchNames(url) {
  try {
    const response = await fetch(url);
    const entries = response.ok ? await response.json() : [];
    return entries.map((names) => names.map((name) => ({ name, folded: fold(name) })));
  } catch {
    // Whatever is typed is taken as it is written; the names are only offered.
    return [];
  }
}

// 0 the same, 1 begins with it, 2 each word begins a word; Infinity otherwise.
function distance(folded, wanted, words) {
  if (folded === wanted) return 0;
  if (folded.startsWith(wanted)) return 1;
  const parts = folded.split(" ");
  return words.every((word) => parts.some((part) => part.startsWith(word))) ? 2 : Infinity;
}

// The best entries as {name, alias}; `alias` is the other name that fits better than the name itself.
export function match(entries, text, most = 8) {
  const wanted = fold(text);
  if (!wanted) return [];
  const words = wanted.split(" ");
  const found = [];
  for (const names of entries) {
    let best = { score: Infinity, alias: "" };
    names.forEach(({ name, folded }, index) => {
      const score = distance(folded, wanted, words) + (index ? 0.5 : 0);
      if (score < best.score) best = { score, alias: index ? name : "" };
    });
    if (best.score < Infinity) found.push({ name: names[0].name, length: names[0].name.length, ...best });
  }
  return found.sort((one, other) => one.score - other.score || one.length - other.length).slice(0, most);
}
