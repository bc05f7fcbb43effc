// The chat button of a shop's page. Embed it with one tag, anywhere in the page:
//
//   <script src="https://wismo.example/widget.js" async data-locale="en"></script>
//
// docs/widget.md lists the data- attributes; all are optional. Any element with data-wismo-open
// opens the chat when pressed, and puts the attribute's value into the shopper's message for them
// to send. The page's policy must allow our origin in script-src and frame-src; nothing inline is
// used.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.wismoWidget) return;
  window.wismoWidget = true;

  const shop = SHOP_SETTINGS; // written in by the service: {colour, words}
  const home = new URL(script.src).origin;
  const set = script.dataset;
  const page = document.documentElement;
  const locale = set.locale || page.lang || "en";
  const colour = /^#([0-9a-f]{3}){1,2}$/i.test(set.colour) ? set.colour : shop.colour;
  const side = set.position === "left" ? "left" : "right";
  const words = shop.words[locale.slice(0, 2).toLowerCase()] || shop.words.en;
  const COVERED = "(max-width: 480px), (max-height: 480px)"; // the chat takes the whole window
  const covered = matchMedia(COVERED);

  const STYLE = `
    :host { all: initial; }
    button {
      all: unset; box-sizing: border-box; position: fixed; z-index: 2147483000;
      bottom: max(20px, env(safe-area-inset-bottom)); ${side}: 20px; width: 60px; height: 60px;
      border-radius: 50%; background: ${colour}; color: var(--on); cursor: pointer;
      display: grid; place-items: center; box-shadow: 0 2px 6px #0003, 0 8px 24px #0004;
      transition: transform .15s;
    }
    button:hover { transform: scale(1.05); }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1c5791; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2;
      stroke-linecap: round; stroke-linejoin: round; }
    button[aria-expanded=true] .chat, button[aria-expanded=false] .shut { display: none; }
    .badge {
      position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px;
      box-sizing: border-box; border-radius: 11px; background: #b3261e; color: #fff;
      font: 600 13px/22px system-ui, sans-serif; text-align: center;
    }
    [hidden] { display: none; }
    .said { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    iframe {
      position: fixed; z-index: 2147483000; border: 0; bottom: 96px; ${side}: 20px;
      width: 392px; height: min(660px, calc(100dvh - 116px)); border-radius: 18px;
      background: Canvas; box-shadow: 0 2px 8px #0002, 0 16px 48px #0005;
      visibility: hidden; opacity: 0; transform: translateY(12px);
      transition: opacity .18s, transform .18s, visibility .18s;
    }
    iframe.open { visibility: visible; opacity: 1; transform: none; }
    @media ${COVERED} {
      iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
      iframe.open.ready ~ button { display: none; }
    }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }`;
  const ICONS = {
    chat: "M21 12a8.5 8.5 0 0 1-12.4 7.6L3 21l1.5-5A8.5 8.5 0 1 1 21 12Z",
    shut: "M6 9l6 6 6-6",
  };

  // The shop's storage may be shut; the widget then merely forgets.
  const store = (area, key, value) => {
    try {
      if (value === undefined) return window[area].getItem(key);
      window[area].setItem(key, value);
    } catch {
      return null;
    }
  };

  let host, root, button, badge, said, frame;
  let ready = false;
  let open = false;
  let waiting = []; // for the frame, until it is ready

  function make(name, attributes, ...children) {
    const svg = name === "svg" || name === "path";
    const node = svg
      ? document.createElementNS("http://www.w3.org/2000/svg", name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  function tell(message) {
    if (ready) frame.contentWindow.postMessage(message, home);
    else waiting.push(message);
  }

  function load() {
    if (frame) return;
    const query = new URLSearchParams({ origin: location.origin, locale, colour });
    if (set.greeting) query.set("greeting", set.greeting);
    if (set.theme) query.set("theme", set.theme);
    if (set.forget !== undefined) query.set("forget", "");
    if (set.identity) query.set("identity", ""); // which the frame then waits for
    if (set.dir || page.dir) query.set("dir", set.dir || page.dir);
    frame = make("iframe", {
      src: `${home}/widget/frame?${query}`, title: words.launch, id: "frame", allow: "clipboard-write",
    });
    // By message, as an address is written into logs.
    if (set.identity) tell({ type: "wismo:identity", token: set.identity });
    root.prepend(frame);
    frame.getBoundingClientRect(); // so that the first opening moves too
  }

  function show(now, focus) {
    if (now) load();
    if (now === open) return focus && now && tell({ type: "wismo:open", focus });
    open = now;
    frame.classList.toggle("open", open);
    button.setAttribute("aria-expanded", open);
    label(0);
    fit();
    tell({ type: open ? "wismo:open" : "wismo:close", focus });
    store("sessionStorage", "wismo.open", open ? "yes" : "no");
    if (!open && focus) button.focus();
  }

  // Where the chat covers the page it is a dialog, and keeps the keyboard until it is closed.
  function fit() {
    const modal = open && covered.matches;
    host.setAttribute("role", modal ? "dialog" : "region");
    host.toggleAttribute("aria-modal", modal);
    if (modal) host.ariaModal = "true";
    if (frame) tell({ type: "wismo:modal", modal });
  }

  function label(unread) {
    const news = unread ? ` (${unread} ${words.new})` : "";
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : unread;
    button.setAttribute("aria-label", open ? words.close : words.launch + news);
    if (said.textContent !== news) said.textContent = news;
  }

  function onMessage(event) {
    if (!frame || event.origin !== home || event.source !== frame.contentWindow) return;
    const { type, count } = event.data || {};
    if (type === "wismo:ready") {
      ready = true;
      frame.classList.add("ready");
      waiting.splice(0).forEach(tell);
    } else if (type === "wismo:close") show(false, true);
    else if (type === "wismo:used") store("localStorage", "wismo.used", "yes");
    else if (type === "wismo:unread" && !open) label(Number(count) || 0);
  }

  function start() {
    host = make("div", { role: "region", "aria-label": words.launch, "data-wismo": "" });
    root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // no <style>: the shop's style-src need not allow it
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    badge = make("span", { class: "badge", "aria-hidden": "true" });
    said = make("span", { class: "said", role: "status" });
    button = make("button", { type: "button", "aria-expanded": "false" }, badge);
    for (const [name, d] of Object.entries(ICONS))
      button.append(make("svg", { class: name, viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { d })));
    root.append(button, said);
    document.body.append(host);
    button.style.setProperty("--on", readable(getComputedStyle(button).backgroundColor));
    label(0);

    button.addEventListener("click", () => show(!open, true));
    button.addEventListener("pointerenter", load); // it is about to be pressed
    root.addEventListener("keydown", (event) => event.key === "Escape" && open && show(false, true));
    covered.addEventListener("change", fit);
    window.addEventListener("message", onMessage);
    document.addEventListener("click", (event) => {
      const asked = event.target.closest && event.target.closest("[data-wismo-open]");
      if (!asked) return;
      event.preventDefault();
      show(true, true);
      if (asked.dataset.wismoOpen) tell({ type: "wismo:draft", text: asked.dataset.wismoOpen });
    });

    const before = store("sessionStorage", "wismo.open");
    if (before === "yes" && !covered.matches) show(true, false);
    else if (store("localStorage", "wismo.used") || set.forget !== undefined) load(); // for the badge
    const pause = parseFloat(set.openAfter);
    if (pause >= 0 && before === null && !covered.matches)
      setTimeout(() => open || store("sessionStorage", "wismo.open") || show(true, false), pause * 1000);
  }

  // Black or white, whichever reads better on the colour (WCAG relative luminance).
  function readable(rgb) {
    const [r, g, b] = rgb.match(/[\d.]+/g).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
