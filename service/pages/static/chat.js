// The chat in the widget's frame. It speaks the public chat API (/docs) and nothing else.

import { embedded, forget, introduced, listenToShop, request, tell } from "./chat-api.js";
import { draw, group, place, stick } from "./chat-log.js";
import * as outbox from "./chat-outbox.js";
import { follow, quietFor, stop } from "./chat-stream.js";
import { $, fill, keep, keys, length, make, makeButton, paint, query, recall, words } from "./chat-tools.js";

const MAX_CHARS = Number(document.body.dataset.maxChars);

let last = 0; // the newest message we have
let handler = "bot";
let pending = false;
let lost = false;
let open = !embedded;
let modal = false; // the chat covers the shop's page
const messages = new Map(); // what the service has, by its id

// What the service says

function show(message) {
  last = Math.max(last, message.id);
  if (messages.has(message.id)) return;
  messages.set(message.id, message);
  place(outbox.claim(message.client_id) ?? draw(message), message.id);
  if (message.author === "shopper") tell({ type: "wismo:used" });
}

const stream = {
  last: () => last,
  connected() {
    lost = false;
    outbox.resend();
  },
  hear(event, data) {
    if (event === "message") show(data);
    if (event === "state") ({ handler, pending } = data);
    tidy();
    stick();
  },
  broken(again) {
    lost = navigator.onLine && again;
    tidy();
  },
  expired,
};

// The service no longer takes our session: the next message starts a new conversation.
async function expired() {
  stop();
  await forget();
  handler = "bot";
  if (messages.size) place(draw({ author: "system", text: words.expired, at: new Date().toISOString() }), last + 0.5);
}

async function load() {
  await introduced;
  if (query.has("forget")) {
    keys("wismo.").forEach((key) => keep(key, null));
    await forget().catch(() => {});
  }
  const greeting = draw({ author: "bot", text: query.get("greeting") || words.greeting });
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30000)) {
    try {
      const response = await request("GET", "/chat/messages");
      if (response.status === 401) await expired();
      else if (!response.ok) throw new Error(`the service answered ${response.status}`);
      else {
        const transcript = await response.json();
        ({ handler, pending } = transcript);
        transcript.messages.forEach(show);
        if (transcript.conversation) follow(stream);
      }
      break;
    } catch {
      lost = navigator.onLine;
      tidy();
      await quietFor(pause);
    }
  }
  lost = false;
  place(greeting, 0); // before all others
  outbox.begin({ changed: tidy, stored, expired });
  stick(true);
}

function stored(entry, id) {
  if (!messages.has(id)) messages.set(id, { id, author: "shopper", buttons: [] });
  tell({ type: "wismo:used" });
  follow(stream);
  stick();
}

// After each change: who is named, what is offered, what is said about the connection.
function tidy() {
  group();
  $("typing").hidden = !(pending && handler === "bot");
  $("handler").textContent = handler === "agent" ? words.with_agent : words.with_bot;
  $("link").hidden = !messages.size;
  offer();
  notify();
  const unread = [...messages.values()].filter(
    ({ id, author }) => author !== "shopper" && id > Number(recall("wismo.read")),
  ).length;
  if (open) keep("wismo.read", String(last));
  tell({ type: "wismo:unread", count: open ? 0 : unread });
}

function notify() {
  let text = handler === "agent" ? words.taken_over : "";
  if (lost) text = words.lost;
  if (!navigator.onLine) text = words.offline;
  const notice = $("notice");
  notice.classList.toggle("agent", text === words.taken_over);
  if (notice.textContent !== text) notice.textContent = text;
}

// Quick replies: those of the newest message, or ways to begin.
function offer() {
  let options = [];
  if (!outbox.waiting()) {
    const newest = messages.get(Math.max(...messages.keys()));
    options = newest
      ? [...newest.buttons, ...(newest.rows ?? [])]
      : [words.starter_1, words.starter_2, words.starter_3].map((text) => ({ title: text, payload: text }));
  }
  const key = JSON.stringify(options);
  const quick = $("quick");
  if (quick.dataset.key === key) return;
  quick.dataset.key = key;
  quick.replaceChildren(...options.map(drawOption));
  stick();
}

function drawOption({ title, payload, description }) {
  const button = makeButton("", title, (event) => {
    if (!button.isConnected) return;
    // The button goes; a keyboard goes on in the input, a finger needs no screen keyboard.
    (event.detail ? $("log") : $("input")).focus();
    say(payload === title ? { text: title } : { text: payload, display: title });
  });
  button.dir = "auto";
  if (description) button.append(make("small", "", description));
  return button;
}

// What the shopper does

function say(content) {
  $("card").replaceChildren();
  outbox.say(content);
  tidy();
  stick(true);
}

function grow() {
  const input = $("input");
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 2}px`;
  const left = MAX_CHARS - length(input.value);
  const limit = $("limit");
  limit.classList.toggle("over", left < 0);
  input.setAttribute("aria-invalid", left < 0);
  if (left > 500) limit.textContent = "";
  else if (left >= 0) limit.textContent = fill(words.left, { left });
  else limit.textContent = fill(words.too_long, { over: -left, max: MAX_CHARS });
}

function submit(event) {
  event?.preventDefault();
  const input = $("input");
  const text = input.value.trim();
  input.focus();
  if (!text || length(input.value) > MAX_CHARS) return;
  input.value = "";
  grow();
  say({ text });
}

async function attach(files) {
  for (const file of files) {
    try {
      const { shrink } = await import("./chat-photo.js");
      say({ text: "", photo: await shrink(file) });
    } catch {
      $("limit").textContent = words.photo_wrong;
      $("limit").classList.add("over");
    }
  }
}

// In a chat that covers the page, Tab goes round.
function round(event) {
  const stops = [...document.querySelectorAll("a[href], button, textarea, [tabindex='0']")].filter(
    (node) => node.checkVisibility(),
  );
  const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to.focus();
}

$("composer").addEventListener("submit", submit);
$("input").addEventListener("input", grow);
$("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
});
$("input").addEventListener("paste", ({ clipboardData }) => attach(clipboardData.files));
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async ({ target }) => {
  await attach(target.files);
  target.value = "";
  $("input").focus();
});
const device = () => import("./chat-device.js"); // asked for early: a press must copy at once
$("link").addEventListener("pointerover", device, { once: true });
$("link").addEventListener("click", async () => (await device()).copyLink());
$("close").hidden = !embedded;
$("close").addEventListener("click", () => tell({ type: "wismo:close" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) tell({ type: "wismo:close" });
  if (event.key === "Tab" && modal) round(event);
});
window.addEventListener("online", outbox.resend);
window.addEventListener("offline", tidy);
listenToShop((type, data) => {
  if (type === "wismo:close") open = false;
  if (type === "wismo:modal") modal = Boolean(data.modal);
  if (type === "wismo:open") {
    open = true;
    tidy();
    stick(true);
    if (data.focus) $("input").focus();
  }
  if (type === "wismo:draft" && typeof data.text === "string") {
    $("input").value = data.text;
    grow();
    $("input").focus();
  }
});

// Who was quicker than this script pressed Enter for nothing but a new line.
$("send").disabled = false;
if ($("input").value.endsWith("\n")) submit();
paint(query.get("colour") || document.body.dataset.colour);
if (location.hash) device().then(({ offerToCarryOn }) => offerToCarryOn());
tell({ type: "wismo:ready" });
load();
