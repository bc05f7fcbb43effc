// The chat in the widget's frame. It speaks the public chat API (/docs) and nothing else.
//
// Three parts: the outbox (what the shopper wrote, until the service has it), the stream (what the
// service says), the log (both, as the shopper sees them). Text is only ever set as text.

import { $, fill, keep, length, make, newId, paint, recall, timekeeper } from "./chat-tools.js";
import { eventsOf, quietFor } from "./chat-stream.js";

const query = new URLSearchParams(location.search);
const words = JSON.parse($("texts").textContent);
const MAX_CHARS = Number(document.body.dataset.maxChars);
const timeOf = timekeeper(query.get("locale") || "", words.lang);
const GROUP_MS = 5 * 60 * 1000;
const TRIES = 4;

const embedded = window.parent !== window;
const shop = embedded ? query.get("origin") : null;

let token = recall("localStorage", "wismo.session"); // beside the cookie, which frames may not get
let last = 0; // the newest message we have
let handler = "bot";
let pending = false;
let lost = false;
let open = !embedded;
let outbox = JSON.parse(recall("sessionStorage", "wismo.outbox") || "[]");
let sending = null; // the entry that is on its way
let listening = false;
const elements = new Map(); // of outbox entries, by their id
const messages = new Map(); // what the service has, by its id

// The service and the shop's page

function request(method, path, { body, signal = AbortSignal.timeout(15000) } = {}) {
  const headers = {};
  if (token) headers["X-Wismo-Session"] = token;
  if (body) headers["Content-Type"] = "application/json";
  return fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
}

function tell(message) {
  if (shop) window.parent.postMessage(message, shop);
}

// The log

const NAMES = { bot: words.assistant, agent: words.agent, shopper: words.you };

function draw({ author, text, display, at }) {
  const node = make("div", `message ${author}`);
  const who = make("p", "who");
  if (NAMES[author]) who.append(NAMES[author], at ? " · " : "");
  if (at) who.append(timeOf(at));
  const said = make("p", "text", display ?? text);
  said.dir = "auto";
  const state = make("p", "state");
  state.setAttribute("aria-live", "off");
  node.append(who, said, state);
  node.dataset.author = author;
  node.dataset.at = at ? Date.parse(at) : 0;
  return node;
}

// Messages of the service stand in the order of their ids; what it does not have yet, at the end.
function place(node, id) {
  if (id) node.dataset.id = id;
  const log = $("log");
  let before = id ? null : log.lastElementChild;
  if (id) {
    before = log.lastElementChild;
    while (before && before !== node && !(Number(before.dataset.id) < id)) {
      before = before.previousElementSibling;
    }
  }
  if (before === node) return;
  if (before) before.after(node);
  else log.prepend(node);
}

function show(message) {
  last = Math.max(last, message.id);
  if (messages.has(message.id)) return;
  messages.set(message.id, message);
  const own = message.author === "shopper" && outbox.find(
    (entry) => entry.text === message.text && (entry === sending || entry.tries),
  );
  if (own) {
    place(elements.get(own.id), message.id); // it came back before its receipt
  } else {
    place(draw(message), message.id);
  }
  if (message.author === "shopper") tell({ type: "wismo:used" });
}

function mark(entry, state) {
  entry.state = state;
  const node = elements.get(entry.id);
  node.classList.remove("sending", "waiting", "failed", "refused", "sent");
  node.classList.add(state === "refused" ? "failed" : state, state);
  const line = node.querySelector(".state");
  line.ariaLive = state === "failed" || state === "refused" ? "polite" : "off";
  line.textContent = words[state];
  if (state === "failed") {
    const retry = make("button", "", words.retry);
    retry.type = "button";
    retry.addEventListener("click", () => {
      resend();
      $("input").focus();
    });
    line.append(" ", retry);
  }
  keep("sessionStorage", "wismo.outbox", JSON.stringify(outbox));
}

// After each change: who is named, what is offered, what is said about the connection.
function tidy() {
  const log = $("log");
  let previous = null;
  for (const node of log.children) {
    const near = previous && node.dataset.at - previous.dataset.at < GROUP_MS;
    node.classList.toggle("same", Boolean(near && node.dataset.author === previous.dataset.author));
    if (previous?.classList.contains("sent")) previous.querySelector(".state").textContent = "";
    previous = node;
  }
  $("typing").hidden = !(pending && handler === "bot");
  $("handler").textContent = handler === "agent" ? words.with_agent : words.with_bot;
  offer();
  notify();
  const unread = [...messages.values()].filter(
    ({ id, author }) => author !== "shopper" && id > Number(recall("localStorage", "wismo.read")),
  ).length;
  if (open) keep("localStorage", "wismo.read", String(last));
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
  let buttons = [];
  if (!outbox.length) {
    buttons = messages.size
      ? messages.get(Math.max(...messages.keys())).buttons
      : [words.starter_1, words.starter_2, words.starter_3].map((text) => ({ title: text, payload: text }));
  }
  const key = JSON.stringify(buttons);
  const quick = $("quick");
  if (quick.dataset.key === key) return;
  quick.dataset.key = key;
  quick.replaceChildren(
    ...buttons.map(({ title, payload }) => {
      const button = make("button", "", title);
      button.type = "button";
      button.dir = "auto";
      button.addEventListener("click", (event) => {
        if (!button.isConnected) return;
        // The button goes; a keyboard goes on in the input, a finger needs no screen keyboard.
        (event.detail ? $("log") : $("input")).focus();
        say(payload, title);
      });
      return button;
    }),
  );
  stick();
}

let atEnd = true;
function stick(force) {
  if (force || atEnd) $("log").scrollTop = $("log").scrollHeight;
}

// The outbox

function say(text, display) {
  const entry = { id: newId(), text, at: new Date().toISOString(), tries: 0 };
  if (display && display !== text) entry.display = display;
  outbox.push(entry);
  put(entry);
  tidy();
  stick(true);
  flush();
}

function put(entry) {
  const node = draw({ ...entry, author: "shopper" });
  elements.set(entry.id, node);
  place(node);
  mark(entry, "waiting");
}

function resend() {
  for (const entry of outbox) {
    if (entry.state !== "failed") continue;
    entry.tries = 0;
    mark(entry, "waiting");
  }
  flush();
}

// One at a time, in order; the same id each time, so that a repeat does no harm.
async function flush() {
  const entry = outbox.find(({ state }) => state === "waiting");
  if (sending || !entry || !navigator.onLine) return tidy();
  sending = entry;
  mark(entry, "sending");
  tidy();
  let more = true;
  try {
    const { id, text, display } = entry;
    const response = await request("POST", "/chat/messages", { body: { id, text, display } });
    if (response.status === 202) stored(entry, await response.json());
    else if (response.status === 401 && !entry.renewed) {
      entry.renewed = true;
      await forget();
      mark(entry, "waiting");
    } else if (response.status === 429 || response.status >= 500) more = later(entry);
    else refuse(entry);
  } catch {
    more = later(entry);
  }
  sending = null;
  if (more) flush();
  else tidy();
  stick();
}

function stored(entry, { id, session }) {
  if (session !== token) {
    token = session;
    keep("localStorage", "wismo.session", token);
  }
  outbox = outbox.filter((other) => other !== entry);
  mark(entry, "sent");
  const node = elements.get(entry.id);
  elements.delete(entry.id);
  const known = messages.has(id) && node.dataset.id !== String(id);
  if (known) node.remove(); // the stream was faster, and has drawn it
  else {
    messages.set(id, { ...entry, id, author: "shopper", buttons: [] });
    place(node, id);
  }
  tell({ type: "wismo:used" });
  listen();
}

function later(entry) {
  entry.tries += navigator.onLine ? 1 : 0;
  mark(entry, entry.tries < TRIES ? "waiting" : "failed");
  if (entry.state === "waiting") setTimeout(flush, 500 * 2 ** entry.tries);
  return false;
}

function refuse(entry) {
  outbox = outbox.filter((other) => other !== entry); // it would be refused again
  mark(entry, "refused");
}

// The stream

async function listen() {
  if (listening) return;
  listening = true;
  let pause = 0;
  while (listening) {
    const control = new AbortController();
    try {
      const response = await request("GET", `/chat/events?after=${last}`, { signal: control.signal });
      if (response.status === 401) await forget();
      if (response.status === 401 || response.status === 204) break;
      if (!response.ok) throw new Error(`the stream answered ${response.status}`);
      pause = 0;
      lost = false;
      resend();
      for await (const { event, data } of eventsOf(response, control)) {
        if (event === "message") show(data);
        if (event === "state") ({ handler, pending } = data);
        tidy();
        stick();
      }
    } catch {
      lost = navigator.onLine && pause > 0; // said at the second failure: a restart takes a moment
    }
    tidy();
    pause = Math.min(pause * 2 || 500, 30000);
    await quietFor(pause * (0.75 + Math.random() / 2));
  }
  listening = false;
}

// The service no longer takes our session: the next message starts a new conversation.
async function forget() {
  token = null;
  keep("localStorage", "wismo.session", null);
  await request("DELETE", "/chat/session");
  handler = "bot";
  if (messages.size) place(draw({ author: "system", text: words.expired, at: new Date().toISOString() }), last + 0.5);
}

async function load() {
  const greeting = draw({ author: "bot", text: query.get("greeting") || words.greeting });
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30000)) {
    try {
      const response = await request("GET", "/chat/messages");
      if (response.status === 401) await forget();
      else if (!response.ok) throw new Error(`the service answered ${response.status}`);
      else {
        const transcript = await response.json();
        ({ handler, pending } = transcript);
        transcript.messages.forEach(show);
        if (transcript.conversation) listen();
      }
      break;
    } catch {
      lost = navigator.onLine;
      tidy();
      await quietFor(pause);
    }
  }
  lost = false;
  greeting.dataset.id = 0; // before all others
  $("log").prepend(greeting);
  outbox.filter(({ id }) => !elements.has(id)).forEach(put); // some were written meanwhile
  tidy();
  stick(true);
  flush();
}

// What the shopper does

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
  event.preventDefault();
  const input = $("input");
  const text = input.value.trim();
  input.focus();
  if (!text || length(input.value) > MAX_CHARS) return;
  input.value = "";
  grow();
  say(text);
}

$("composer").addEventListener("submit", submit);
$("input").addEventListener("input", grow);
$("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
});
$("log").addEventListener("scroll", ({ target }) => {
  atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 60;
});
new ResizeObserver(() => stick()).observe($("log"));
$("close").hidden = !embedded;
$("close").addEventListener("click", () => tell({ type: "wismo:close" }));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) tell({ type: "wismo:close" });
});
window.addEventListener("online", resend);
window.addEventListener("offline", tidy);
window.addEventListener("message", (event) => {
  if (!embedded || event.source !== window.parent || event.origin !== shop) return;
  const { type, focus, text } = event.data || {};
  if (type === "wismo:close") open = false;
  if (type === "wismo:open") {
    open = true;
    tidy();
    stick(true);
    if (focus) $("input").focus();
  }
  if (type === "wismo:draft" && typeof text === "string") {
    $("input").value = text;
    grow();
    $("input").focus();
  }
});

paint(query.get("colour"));
tell({ type: "wismo:ready" });
load();
