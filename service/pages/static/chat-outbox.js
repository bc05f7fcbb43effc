// What the shopper wrote, until the service has it: kept in the browser, sent one at a time and in
// order, with the same id at each try, so that a repeat does no harm.

import { remember, request } from "./chat-api.js";
import { draw, place } from "./chat-log.js";
import { $, keep, keys, makeButton, newId, recall, words } from "./chat-tools.js";

const KEPT = "wismo.out."; // one key an entry: windows of one shop do not overwrite each other's
const TRIES = 4;
const STALE_MS = 24 * 3600 * 1000; // older ones are not sent unasked
const entries = new Map(); // by id, in the order written
let sending = false;
let chat; // {changed(), stored(entry, id), expired()}

export const waiting = () => entries.size;

export function begin(hooks) {
  chat = hooks;
  keys(KEPT)
    .map((key) => JSON.parse(recall(key)))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .filter(({ id }) => !entries.has(id)) // some were written meanwhile
    .forEach((entry) => adopt(entry, Date.now() - Date.parse(entry.at) > STALE_MS ? "failed" : "waiting"));
  entries.forEach(({ node }) => place(node));
  flush();
}

// ``content``: ``{text, display?, photo?}``, the photo as a data: address.
export function say(content) {
  const entry = { id: newId(), at: new Date().toISOString(), ...content };
  keep(KEPT + entry.id, JSON.stringify(entry));
  adopt(entry, "waiting");
  flush();
}

// The stream has brought an entry: its node, which is now the message's.
export function claim(id) {
  const entry = entries.get(id);
  if (!entry) return null;
  remove(entry);
  mark(entry, "sent");
  return entry.node;
}

export function resend() {
  for (const entry of entries.values()) {
    if (entry.state !== "failed") continue;
    entry.tries = 0;
    mark(entry, "waiting");
  }
  flush();
}

function adopt(entry, state) {
  const photos = entry.photo ? [{ url: entry.photo }] : [];
  const node = draw({ ...entry, photos, author: "shopper" });
  const live = { ...entry, node, tries: 0 };
  entries.set(entry.id, live);
  place(node);
  mark(live, state);
}

function remove(entry) {
  entries.delete(entry.id);
  keep(KEPT + entry.id, null);
}

function mark(entry, state) {
  entry.state = state;
  const { classList } = entry.node;
  classList.remove("sending", "waiting", "failed", "refused", "sent");
  classList.add(state === "refused" ? "failed" : state, state);
  const line = entry.node.querySelector(".state");
  line.ariaLive = state === "failed" || state === "refused" ? "polite" : "off";
  line.textContent = words[state];
  if (state === "failed") {
    line.append(" ", makeButton("", words.retry, () => {
      resend();
      $("input").focus();
    }));
  }
}

async function flush() {
  const entry = [...entries.values()].find(({ state }) => state === "waiting");
  chat?.changed();
  if (sending || !entry || !navigator.onLine || !chat) return;
  sending = true;
  mark(entry, "sending");
  chat.changed();
  const goOn = await send(entry);
  sending = false;
  if (goOn) flush();
  else chat.changed();
}

async function send(entry) {
  let response;
  try {
    response = await post(entry);
    if (response.ok) {
      stored(entry, await response.json());
      return true;
    }
  } catch {
    return later(entry);
  }
  if (response.status === 401 && !entry.renewed) {
    entry.renewed = true;
    await chat.expired();
    if (entries.has(entry.id)) mark(entry, "waiting");
    return true;
  }
  if (response.status === 429 || response.status >= 500) {
    return later(entry, Number(response.headers.get("Retry-After")));
  }
  remove(entry); // it would be refused again
  mark(entry, "refused");
  return true;
}

async function post({ id, text, display, photo }) {
  if (!photo) return request("POST", "/chat/messages", { json: { id, text, display } });
  const { bytesOf } = await import("./chat-photo.js");
  const headers = { "Content-Type": "image/jpeg" };
  return request("POST", `/chat/attachments?id=${id}`, { body: bytesOf(photo), headers });
}

function stored(entry, { id, session }) {
  remember(session);
  if (entries.has(entry.id)) {
    remove(entry);
    mark(entry, "sent");
    place(entry.node, id);
  }
  chat.stored(entry, id);
}

function later(entry, seconds = 0) {
  if (!entries.has(entry.id)) return true; // the stream has brought it
  entry.tries += navigator.onLine ? 1 : 0;
  mark(entry, entry.tries < TRIES ? "waiting" : "failed");
  if (entry.state === "waiting") setTimeout(flush, Math.max(seconds * 1000, 500 * 2 ** entry.tries));
  return false;
}
