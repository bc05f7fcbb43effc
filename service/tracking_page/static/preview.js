// The sample follows the text, half a second after the last keystroke.
"use strict";
const form = document.querySelector("form");
const narrow = document.getElementById("narrow");
const sample = document.querySelector("iframe");

let pause;
document.getElementById("text").addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => form.requestSubmit(), 500);
});

narrow.hidden = false;
narrow.addEventListener("click", () => {
  narrow.setAttribute("aria-pressed", sample.classList.toggle("phone"));
});
