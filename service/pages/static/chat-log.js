// What was said, as the shopper sees it. Text is only ever set as text, and no address in it is a
// link but those of this service where it names them itself.

import { $, make, timeOf, words } from "./chat-tools.js";

const NAMES = { bot: words.assistant, agent: words.agent, shopper: words.you };
const GROUP_MS = 5 * 60 * 1000;
const OURS = new RegExp(`(${location.origin}/\\S*[^\\s.,)])`);

export function draw({ author, text, display, at, photos = [], link }) {
  const node = make("div", `message ${author}`);
  const who = make("p", "who");
  if (NAMES[author]) who.append(NAMES[author], at ? " · " : "");
  if (at) who.append(timeOf(at));
  const state = make("p", "state");
  state.setAttribute("aria-live", "off");
  node.append(who, ...photos.map(drawPhoto));
  if (display ?? text) {
    const said = make("p", "text");
    // Each second part is an address.
    const parts = author === "shopper" ? [display ?? text] : text.split(OURS);
    said.append(...parts.map((part, n) => (n % 2 ? drawLink("", part, part) : part)));
    said.dir = "auto";
    node.append(said);
  }
  if (link) node.append(drawLink("link", link.url, link.title));
  node.append(state);
  node.dataset.author = author;
  node.dataset.at = at ? Date.parse(at) : 0;
  return node;
}

function drawPhoto({ url, alt }) {
  const image = make("img", "");
  image.alt = alt || words.photo;
  image.src = url;
  if (url.startsWith("data:")) {
    const frame = make("div", "photo");
    frame.append(image);
    return frame;
  }
  const frame = drawLink("photo", url);
  frame.append(image);
  return frame;
}

function drawLink(className, url, title) {
  const link = make("a", className, title);
  if (/^(https?:)?\//i.test(url)) link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

// Messages of the service stand in the order of their ids; what it does not have yet, at the end.
export function place(node, id) {
  if (id !== undefined) node.dataset.id = id;
  const log = $("log");
  let before = log.lastElementChild;
  if (id !== undefined) {
    while (before && before !== node && !(Number(before.dataset.id) < id)) {
      before = before.previousElementSibling;
    }
  }
  if (before === node) return;
  if (before) before.after(node);
  else log.prepend(node);
}

// Who is named: the first of a run of messages by one author.
export function group() {
  let previous = null;
  for (const node of $("log").children) {
    const near = previous && node.dataset.at - previous.dataset.at < GROUP_MS;
    node.classList.toggle("same", Boolean(near && node.dataset.author === previous.dataset.author));
    if (previous?.classList.contains("sent")) previous.querySelector(".state").textContent = "";
    previous = node;
  }
}

// Only who scrolls up reads further up; a log that grows or shrinks moves nobody.
let atEnd = true;
let top = 0;
$("log").addEventListener("scroll", ({ target }) => {
  const { scrollTop, scrollHeight, clientHeight } = target;
  if (scrollHeight - scrollTop - clientHeight < 60) atEnd = true;
  else if (scrollTop < top) atEnd = false;
  top = scrollTop;
});
new ResizeObserver(() => stick()).observe($("log"));

// Keep the newest in view, unless the shopper reads further up.
export function stick(force) {
  if (force || atEnd) $("log").scrollTop = $("log").scrollHeight;
}
