// Writing an answer: macros and articles put in at the cursor, the seconds left to undo, and
// telling colleagues that somebody is here and typing.
"use strict";

(() => {
  const desk = document.getElementById("desk");
  if (!desk) return;
  const HERE_EVERY_MS = 8000;
  const TYPING_FOR_MS = 6000;
  let typedAt = 0;
  let told = "";

  const box = () => document.getElementById("text");

  const tell = (doing) => {
    const body = new URLSearchParams({ csrf: desk.dataset.csrf, doing });
    told = doing;
    navigator.sendBeacon(`/inbox/tickets/${desk.dataset.ticket}/presence`, body);
  };

  const doing = () => (Date.now() - typedAt < TYPING_FOR_MS ? "typing" : "viewing");

  const beat = () => {
    if (document.visibilityState === "visible") tell(doing());
  };

  // "Goes out in 4 seconds", counted down here rather than asked for each second.
  const count = () => {
    for (const time of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((new Date(time.dataset.until) - Date.now()) / 1000);
      if (left <= 60) time.textContent = left > 1 ? `in ${left} seconds` : "now";
    }
  };

  const put = (words) => {
    const into = box();
    if (!into) return;
    const start = into.selectionStart;
    const before = into.value.slice(0, start);
    const gap = before && !/\s$/.test(before) ? "\n" : "";
    into.setRangeText(gap + words, start, into.selectionEnd, "end");
    into.focus();
    into.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("input", (event) => {
    if (!["text", "note"].includes(event.target.id)) return;
    typedAt = Date.now();
    if (told !== "typing") tell("typing");
  });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("a.insert");
    if (!chosen) return;
    event.preventDefault();
    const menu = chosen.closest("details");
    if (menu) menu.open = false;
    put(chosen.dataset.text);
  });
  document.addEventListener("keydown", (event) => {
    const send = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (!send || !event.target.matches("textarea")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  document.addEventListener("visibilitychange", () => {
    tell(document.visibilityState === "visible" ? doing() : "");
  });
  // Who writes on while an answer is being taken in keeps what they wrote: the form comes back empty.
  let sent = "";
  let more = "";
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.detail.elt.id === "answer") sent = box().value;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id !== "reply") return;
    const words = box()?.value ?? "";
    more = words === sent ? "" : words.startsWith(sent) ? words.slice(sent.length).trimStart() : words;
    sent = "";
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id !== "reply" || !more) return;
    const words = more;
    more = "";
    put(words);
  });
  document.addEventListener("htmx:afterSettle", count);
  window.addEventListener("pagehide", () => tell(""));

  beat();
  count();
  setInterval(beat, HERE_EVERY_MS);
  setInterval(() => {
    count();
    if (told === "typing" && doing() === "viewing") tell("viewing");
  }, 1000);
})();
