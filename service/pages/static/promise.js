/* "Arrives Thursday 26 to Saturday 28 November" on a shop's own pages.

   <script src="https://wismo.example/promise.js" async></script>
   <input data-wismo-postcode autocomplete="postal-code">
   <p data-wismo-promise data-sku="tent"></p>

   The postcode typed last is kept in this browser; data-postcode and data-country on the script
   tag say where to begin. Where nothing is known the element stays empty. */
(() => {
  "use strict";
  const tag = document.currentScript;
  const base = new URL(tag.src).origin;
  const KEY = "wismo-postcode";

  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is switched off
    }
  };
  const keep = (value) => {
    try {
      localStorage.setItem(KEY, value);
    } catch {
      // as above
    }
  };

  let turn = 0;
  const show = async (postcode) => {
    const mine = ++turn;
    await Promise.all(
      [...document.querySelectorAll("[data-wismo-promise]")].map(async (element) => {
        let text = "";
        if (postcode.trim().length > 1) {
          const ask = new URLSearchParams({
            postcode,
            sku: element.dataset.sku || "",
            country: tag.dataset.country || "",
          });
          try {
            const answer = await fetch(`${base}/api/promise?${ask}`);
            if (answer.ok) text = (await answer.json()).text;
          } catch {
            // no date is better than a broken page
          }
        }
        if (mine === turn) element.textContent = text;
      }),
    );
    document.dispatchEvent(new CustomEvent("wismo-promise"));
  };

  const start = () => {
    const postcode = kept() || tag.dataset.postcode || "";
    for (const input of document.querySelectorAll("[data-wismo-postcode]")) {
      if (!input.value) input.value = postcode;
      input.addEventListener("change", () => {
        keep(input.value);
        show(input.value);
      });
    }
    show(postcode);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
