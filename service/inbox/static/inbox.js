// What htmx does not do: keep the newest message in sight, say what is new, own up to trouble,
// and leave alone what somebody is using.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  let newest = 0;
  let said = "";
  let atEnd = true;
  let refreshing = false;

  const lastShopperId = () => {
    const all = document.querySelectorAll(".message.shopper[data-id]");
    return all.length ? Number(all[all.length - 1].dataset.id) : 0;
  };

  const toEnd = () => {
    const transcript = byId("transcript");
    if (transcript) transcript.scrollTop = transcript.scrollHeight;
  };

  // On a phone the lists stand in a strip that is wider than the page.
  const toCurrent = () => {
    const here = document.querySelector(".queues [aria-current]");
    if (!here) return;
    const strip = here.parentElement;
    const [at, from] = [here, strip].map((each) => each.getBoundingClientRect().left);
    strip.scrollLeft += at - from - (strip.clientWidth - here.clientWidth) / 2;
  };

  const say = (words) => {
    byId("spoken").textContent = words;
  };

  const trouble = (words) => {
    byId("trouble").textContent = words;
    byId("trouble").hidden = !words;
  };

  const look = () => {
    const id = lastShopperId();
    if (newest && id > newest) say("New message from the shopper");
    newest = id;
    const list = document.querySelector("[data-say]");
    if (list && said && list.dataset.say !== said) say(list.dataset.say);
    said = list ? list.dataset.say : "";
  };

  // A refresh comes whenever it likes: not into an open menu, not under somebody's fingers, and not
  // away from under an act that is on its way, whose answer would then find nothing to change.
  let pressed = null; // a click is one only where the button is still there when it is let go
  const inUse = (target) =>
    target.querySelector("details.menu[open], details.report[open], .htmx-request") ||
    target.contains(pressed) ||
    (target.contains(document.activeElement) &&
      document.activeElement.matches("input, select, textarea"));

  // What was asked for before an act was answered knows less than the page does: it is asked again.
  const askedAt = new WeakMap();
  let actedAt = 0;
  let missed = false;
  const again = () => {
    const story = byId("case");
    if (!missed || !story || [story, byId("head"), byId("order")].some(inUse)) return;
    missed = false;
    htmx.trigger(story, "again");
  };
  document.addEventListener("htmx:beforeSend", (event) => {
    askedAt.set(event.detail.xhr, performance.now());
  });
  document.addEventListener("pointerdown", (event) => {
    pressed = event.target;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () =>
      setTimeout(() => {
        pressed = null;
        again();
      }),
    );
  }
  document.addEventListener("toggle", again, true);
  document.addEventListener("focusout", () => setTimeout(again));

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target, xhr } = event.detail;
    const box = byId("transcript");
    atEnd = !box || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    refreshing = requestConfig.verb === "get";
    if (target.id === "notice") actedAt = performance.now();
    if (!refreshing || target.id !== "case") return;
    const late = askedAt.get(xhr) < actedAt;
    if (late || inUse(target)) {
      event.detail.shouldSwap = false;
      missed = true;
      if (late) setTimeout(again);
    }
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (!refreshing || !inUse(event.detail.target)) return;
    event.detail.shouldSwap = false;
    missed = true;
  });
  // An act that was done closes its own menu first, so that what it changed is shown.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.requestConfig.verb !== "post" || event.detail.xhr.status >= 400) return;
    const menu = event.detail.elt.closest("details.menu, details.report, details.notes");
    if (!menu || event.detail.elt.id === "text") return;
    menu.open = false;
    menu.querySelector("summary").focus();
    if (menu.matches(".notes")) menu.querySelector("form").reset();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (atEnd) toEnd();
    toCurrent();
    look();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) trouble("");
  });
  document.addEventListener("htmx:responseError", () => {
    trouble("That did not work. Load the page again and try once more.");
  });
  document.addEventListener("htmx:sendError", () => {
    trouble("No connection. Nothing was sent; your text is still here.");
  });
  document.addEventListener("htmx:sseError", () => {
    trouble("Connection lost. Trying again…");
  });
  document.addEventListener("htmx:sseOpen", () => trouble(""));

  toEnd();
  toCurrent();
  look();
})();
