// The same conversation on another device, by a link that works once and for ten minutes. Its
// token stands after the "#", which no server, log or referrer ever sees.

import { remember, request, embedded } from "./chat-api.js";
import { $, make, makeButton, words } from "./chat-tools.js";

function card(text, ...nodes) {
  const said = make("p", "", text);
  $("card").replaceChildren(said, ...nodes);
}

async function newLink() {
  const response = await request("POST", "/chat/link");
  if (!response.ok) throw new Error(`no link: ${response.status}`);
  return (await response.json()).url;
}

// One press copies. The clipboard is asked at once, with a promise: later it would not be ours.
export async function copyLink() {
  const link = newLink();
  try {
    const text = link.then((url) => new Blob([url], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
    card(words.link_copied);
  } catch {
    await link.then(showLink, () => card(words.link_failed));
  }
}

function showLink(url) {
  const field = make("input", "");
  field.readOnly = true;
  field.value = url;
  field.ariaLabel = words.link;
  card(words.link_shown, field);
  field.select();
}

// Asked, not done: a link somebody else sent must not swap a shopper's conversation unseen.
export function offerToCarryOn() {
  const token = new URLSearchParams(location.hash.slice(1)).get("continue");
  if (!token || embedded) return;
  history.replaceState(null, "", location.pathname + location.search);
  card(
    words.carry_on,
    makeButton("strong", words.carry_on_yes, async () => {
      const response = await request("POST", "/chat/link/open", { json: { token, locale: words.lang } });
      if (!response.ok) return card(words.carry_on_refused);
      remember((await response.json()).session);
      location.reload();
    }),
    makeButton("", words.carry_on_no, () => $("card").replaceChildren()),
  );
}
