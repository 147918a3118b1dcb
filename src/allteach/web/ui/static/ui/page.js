// Small comforts; every page works without them.
(() => {
  "use strict";
  const drops = () => document.querySelectorAll("details.drop[open]");
  document.addEventListener("click", (event) => {
    drops().forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    drops().forEach((drop) => { drop.open = false; drop.querySelector("summary").focus(); });
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    event.preventDefault();
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source ? source.textContent.trim() : button.dataset.copyText || "");
    const before = button.textContent;
    button.textContent = button.dataset.copied || before;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
  document.querySelectorAll("form[data-submit-on-change]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
  });
  const summary = document.getElementById("errors");
  if (summary) summary.focus();
})();
