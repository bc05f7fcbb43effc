// The tracking page, alive: news of its parcels, the push switch, print. It works without all this.
"use strict";
document.documentElement.classList.add("scripts");

const { live, since, updated } = document.body.dataset;
const content = document.getElementById("content");

// The page's own address gives the part that changes; what the visitor opened stays open.
async function refresh() {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  address.searchParams.delete("fresh");
  address.searchParams.delete("saved");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const before = text();
  const open = new Map([...content.querySelectorAll("details")].map((each) => [each.id, each.open]));
  const focused = document.activeElement?.closest?.("#content [data-wismo-open]")?.dataset.wismoOpen;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  content.replaceChildren(...fresh.body.childNodes);
  for (const [id, was] of open) {
    const details = document.getElementById(id);
    if (details) details.open = was;
  }
  if (focused) content.querySelector(`[data-wismo-open="${CSS.escape(focused)}"]`)?.focus();
  if (text() !== before) document.getElementById("live").textContent = updated;
}

// What a screen reader should be told of: not that an age has grown.
function text() {
  return [...content.querySelectorAll(".hero h2, .expected, .events")].map((n) => n.textContent).join();
}

let stream;
function follow() {
  if (stream || document.hidden) return;
  stream = new EventSource(`${live}${live.includes("?") ? "&" : "?"}since=${since}`);
  stream.addEventListener("changed", () => refresh().catch(() => {}));
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else follow();
});
if (live && window.EventSource) addEventListener("load", () => setTimeout(follow, 100));

document.getElementById("print")?.addEventListener("click", () => print());
addEventListener("beforeprint", () => content.querySelectorAll("details").forEach((each) => (each.open = true)));

// Push messages: asked for by a click, never by the page.
const push = document.querySelector(".push");
const worker = "/t/push-worker.js";

function bytes(key) {
  return Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

async function subscription() {
  const registered = await navigator.serviceWorker.getRegistration(worker);
  return registered?.pushManager.getSubscription();
}

function send(method, subscribed) {
  return fetch(push.dataset.url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...subscribed.toJSON(), lang: push.dataset.lang }),
  }).then((answer) => {
    if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
  });
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return push.dataset.denied;
  const registered = await navigator.serviceWorker.register(worker);
  await navigator.serviceWorker.ready;
  const made = await registered.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(push.dataset.key),
  });
  await send("POST", made);
  remember(true);
  return push.dataset.done;
}

async function turnOff() {
  const made = await subscription();
  if (made) await send("DELETE", made);
  remember(false);
  return push.dataset.stopped;
}

// A browser has one subscription, and may be told of several orders: which, it remembers itself.
const key = push && `wismo.push:${push.dataset.url}`;
function remember(on) {
  try {
    if (on) localStorage.setItem(key, "yes");
    else localStorage.removeItem(key);
  } catch {
    // The storage is shut: the button then offers to turn on what is on, which does no harm.
  }
}
function remembered() {
  try {
    return localStorage.getItem(key) === "yes";
  } catch {
    return false;
  }
}

if (push && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  const [button, said] = push.children;
  const label = () => (button.textContent = remembered() ? push.dataset.off : push.dataset.on);
  label();
  push.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = await (remembered() ? turnOff() : turnOn()).catch(() => push.dataset.failed);
    button.disabled = false;
    label();
    button.focus();
  });
}
