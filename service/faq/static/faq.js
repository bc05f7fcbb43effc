// What the page does beyond its links and forms: countdowns go on, a chosen country is shown at once, and
// what was typed early is searched for.
"use strict";

(() => {
  const MINUTE = 60_000;
  const lang = document.documentElement.lang;

  // As the server writes it: whole days, from two days down hours, from two hours down minutes.
  const left = (minutes) => {
    const [value, unit] =
      minutes >= 2880
        ? [Math.floor(minutes / 1440), "day"]
        : minutes >= 120
          ? [Math.floor(minutes / 60), "hour"]
          : [minutes, "minute"];
    return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
  };

  const tick = () => {
    for (const each of document.querySelectorAll("[data-until]")) {
      const gap = new Date(each.dataset.until) - Date.now();
      const words =
        gap < 0
          ? each.dataset.passed
          : each.dataset.left.replace("{time}", left(Math.floor(gap / MINUTE)));
      if (each.textContent !== words) each.textContent = words;
      each.closest(".moment").classList.toggle("passed", gap < 0);
    }
  };

  tick();
  setInterval(tick, MINUTE / 2);

  const country = document.getElementById("to");
  if (country) country.addEventListener("change", () => country.form.requestSubmit());

  // Typed before htmx listened.
  const asked = document.getElementById("q");
  addEventListener("pageshow", () => {
    if (asked && asked.value !== asked.defaultValue) asked.form.requestSubmit();
  });
})();
