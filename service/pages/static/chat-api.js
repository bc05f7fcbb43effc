// The service's chat API (/docs), and the shop's page around us.

import { keep, query, recall } from "./chat-tools.js";

export const embedded = window.parent !== window;
const shop = embedded ? query.get("origin") : null;
const SESSION = "wismo.session";
let token = recall(SESSION); // beside the cookie, which frames may not get
let identity = null; // the shop's word for who is signed in

export function request(method, path, { json, body, headers = {}, signal } = {}) {
  if (token) headers["X-Wismo-Session"] = token;
  if (identity) headers["X-Wismo-Identity"] = identity;
  if (json) headers["Content-Type"] = "application/json";
  return fetch(path, {
    method,
    headers,
    signal: signal ?? AbortSignal.timeout(body ? 60000 : 15000),
    body: json ? JSON.stringify(json) : body,
  });
}

export function remember(session) {
  if (session === token) return;
  token = session;
  keep(SESSION, token);
}

export async function forget() {
  remember(null);
  await request("DELETE", "/chat/session");
}

export function tell(message) {
  if (shop) window.parent.postMessage(message, shop);
}

let introduce;
// Until the shop's page has said who is signed in, where it said that it will.
export const introduced = new Promise((resolve) => (introduce = resolve));
if (!embedded || !query.has("identity")) introduce();

// What the shop's page says, and nobody else: ``hear(type, data)``.
export function listenToShop(hear) {
  window.addEventListener("message", ({ source, origin, data }) => {
    if (!embedded || source !== window.parent || origin !== shop || !data) return;
    if (data.type === "wismo:identity") introduce((identity = String(data.token)));
    else hear(data.type, data);
  });
}
