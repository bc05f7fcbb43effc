// The inbox by keyboard. What a key does stands on the page: data-key="r" on a field is focused,
// on a menu opened, on anything else pressed. Two keys after each other are "g m".
"use strict";

(() => {
  const OFF = "wismo-keys-off";
  const FIRST_KEY_LASTS_MS = 1200;
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  const single = document.getElementById("keys-on");
  const opener = document.getElementById("keys-open");
  let first = "";
  let firstAt = 0;

  const off = () => localStorage.getItem(OFF) === "1";

  const seen = (element) => element && element.getClientRects().length > 0;

  const act = (element) => {
    if (element.matches("input, textarea, select")) {
      element.focus();
      if (element.type === "search") element.select();
      return;
    }
    if (element.matches("summary")) {
      element.focus();
      element.parentElement.open = !element.parentElement.open;
      const inside = element.parentElement.querySelector("select, textarea, input:not([type=hidden]), a, button");
      if (element.parentElement.open && inside) inside.focus();
      return;
    }
    element.click();
  };

  // Up and down the list: the links are what is focused, so Enter opens as ever.
  const move = (by) => {
    const all = [...document.querySelectorAll(".tickets .ticket h2 a")];
    if (!all.length) return false;
    const at = all.indexOf(document.activeElement);
    const to = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    to.focus();
    to.scrollIntoView({ block: "nearest" });
    return true;
  };

  const pressed = (key) => {
    if (key === "?") {
      sheet.showModal();
      return true;
    }
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(seen);
    if (found) act(found);
    return Boolean(found);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = [...document.querySelectorAll("details.menu[open]")].pop();
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      } else if (document.activeElement?.matches("textarea, input")) {
        document.activeElement.blur();
      }
      return;
    }
    const writing = event.target.matches("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || sheet.open || off()) return;
    const both = Date.now() - firstAt < FIRST_KEY_LASTS_MS ? `${first} ${event.key}` : "";
    first = "";
    if ((both && pressed(both)) || pressed(event.key)) event.preventDefault();
    else if (event.key === "g") {
      first = "g";
      firstAt = Date.now();
    }
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open]:not(.filters)")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  opener.hidden = false;
  opener.addEventListener("click", () => sheet.showModal());
  single.checked = !off();
  single.addEventListener("change", () => localStorage.setItem(OFF, single.checked ? "0" : "1"));
})();
