// What htmx does not do: keep the newest message in sight, say what is new, own up to trouble.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  let newest = 0;
  let said = "";
  let atEnd = true;

  const lastShopperId = () => {
    const all = document.querySelectorAll(".message.shopper[data-id]");
    return all.length ? Number(all[all.length - 1].dataset.id) : 0;
  };

  const toEnd = () => {
    const transcript = byId("transcript");
    if (transcript) transcript.scrollTop = transcript.scrollHeight;
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

  document.addEventListener("htmx:beforeSwap", () => {
    const box = byId("transcript");
    atEnd = !box || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (atEnd) toEnd();
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
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  toEnd();
  look();
})();
