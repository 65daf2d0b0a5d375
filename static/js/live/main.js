// Attaches the answer that is being written to the page, and asks for the committed turn when it ends.
import { markCited } from "../evidence.js";
import { follow } from "./follow.js";
import { Parts } from "./parts.js";
import { Stream } from "./stream.js";
import { View } from "./view.js";

const GIVE_UP_ON_STREAM = 4;
const UPDATE_RETRY = 2000;

let current = null;

function announce(text) {
  document.querySelector("#announcer").textContent = text;
}

function note(text) {
  for (const place of document.querySelectorAll("[data-live-note], [data-live-state]")) place.textContent = text;
}

function placeInLine(position) {
  if (position === 0) return "Next in line";
  return `${position} answer${position > 1 ? "s" : ""} ahead of yours`;
}

// Postgres is the truth: after the end, and when the stream cannot be reached, the page asks for what is stored.
async function ask(tail) {
  try {
    await htmx.ajax("GET", tail.dataset.update, { source: tail, target: tail, swap: "outerHTML" });
  } catch {
    // requests.js has said so, and it will be asked again.
  }
}

async function update(tail) {
  while (tail.isConnected) {
    await ask(tail);
    if (tail.isConnected) await new Promise((resolve) => setTimeout(resolve, UPDATE_RETRY));
  }
}

function attach(tail) {
  const parts = new Parts();
  const view = new View(tail);
  let speaking = false;

  function draw(paths) {
    if (!speaking) {
      speaking = true;
      note("Answering");
      announce(`Turn ${tail.dataset.turn}: the model is answering.`);
    }
    view.draw(paths, parts);
    markCited();
    follow();
  }

  const stream = new Stream(tail.dataset.stream, {
    delta: (data) => draw(parts.add(data)),
    snapshot: (data) => {
      view.clear();
      draw(parts.replace(data));
    },
    reset: () => {
      parts.clear();
      view.clear();
      if (speaking) announce("The answer begins again.");
      speaking = false;
      note("Starting again");
    },
    queue: ({ position }) => note(placeInLine(position)),
    end: () => {
      stream.close();
      update(tail);
    },
    lost: (failures) => {
      note("Connection lost, reconnecting");
      if (failures === 2) announce("The connection was lost. Reconnecting.");
      if (failures % GIVE_UP_ON_STREAM === 0) ask(tail);
    },
    found: () => note(speaking ? "Answering" : "Waiting"),
  });
  current = { tail, stream };
}

function scan() {
  const tail = document.querySelector("#tail");
  if (!tail || tail === current?.tail) return;
  const wasLive = current !== null;
  current?.stream.close();
  current = null;
  if (wasLive) follow(document.querySelector("#reveal"));
  if (tail.hasAttribute("data-live")) attach(tail);
  else if (wasLive) announce(tail.dataset.outcome ?? "");
}

document.addEventListener("htmx:afterSettle", scan);
// A page that comes back from the back/forward cache has a closed stream.
addEventListener("pageshow", (event) => event.persisted && location.reload());
scan();
