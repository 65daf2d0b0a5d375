// One socket per page. A ring says only what kind of thing changed; htmx then fetches the change.
// Events on <body>: "doorbell-session", "doorbell-session-<id>", "doorbell-queue".
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30000;

// Where to ring is the page's choice: some hear more than what concerns their reader alone.
const bell = document.querySelector("[data-doorbell]");
let delay = FIRST_DELAY;
let missed = false;

function ring(kind, id) {
  document.body.dispatchEvent(new CustomEvent(`doorbell-${kind}`, { bubbles: true }));
  if (id) document.body.dispatchEvent(new CustomEvent(`doorbell-${kind}-${id}`, { bubbles: true }));
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${bell.dataset.doorbell}`);

  socket.addEventListener("open", () => {
    delay = FIRST_DELAY;
    // Whatever rang while the line was down is fetched once, now.
    if (missed) ring("reconnected");
    missed = false;
  });
  socket.addEventListener("message", (event) => {
    const { kind, id } = JSON.parse(event.data);
    ring(kind, id);
  });
  socket.addEventListener("close", () => {
    missed = true;
    setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY);
  });
}

if (bell) connect();
