// Small tools of the chat's page.

export const $ = (id) => document.getElementById(id);
export const query = new URLSearchParams(location.search);
export const words = JSON.parse($("texts").textContent);

// Storage may be shut, or full: this page then forgets at reload.
function stored(work) {
  try {
    return work(localStorage);
  } catch {
    return null;
  }
}

export const recall = (key) => stored((storage) => storage.getItem(key));
export const keep = (key, value) =>
  stored((storage) => (value === null ? storage.removeItem(key) : storage.setItem(key, value)));
export const keys = (prefix) =>
  stored((storage) => Object.keys(storage).filter((key) => key.startsWith(prefix))) ?? [];

export function make(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function makeButton(className, text, pressed) {
  const button = make("button", className, text);
  button.type = "button";
  button.addEventListener("click", pressed);
  return button;
}

// ``{name}`` in a text, filled in.
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
export const length = (text) => [...text].length; // code points, as the service counts

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Times as the shopper's region writes them, where the browser speaks the page's language.
const asked = query.get("locale") || "";
const own = navigator.languages.find((one) => one.slice(0, 2) === words.lang);
const locale = asked.includes("-") ? asked : own || words.lang;
const format = (options) => {
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    return new Intl.DateTimeFormat(words.lang, options); // not a locale
  }
};
const clock = format({ timeStyle: "short" });
const calendar = format({ dateStyle: "medium", timeStyle: "short" });

export function timeOf(at) {
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  const node = make("time", "", (today ? clock : calendar).format(when));
  node.dateTime = when.toISOString();
  node.title = calendar.format(when);
  return node;
}

// The shop's colour, and black or white on it, whichever reads better (WCAG relative luminance).
export function paint(colour) {
  if (!/^#([0-9a-f]{3}){1,2}$/i.test(colour || "")) return;
  const hex = colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour;
  const [r, g, b] = [1, 3, 5].map((from) => {
    const c = parseInt(hex.slice(from, from + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179;
  document.body.style.setProperty("--bubble", hex);
  document.body.style.setProperty("--on-bubble", light ? "#000" : "#fff");
}
