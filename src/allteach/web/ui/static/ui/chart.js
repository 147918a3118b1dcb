// Reading a chart by keyboard: Tab to it, arrows read the points aloud, Escape leaves. Without this script the table says it all.
(() => {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  const words = document.documentElement.dataset;

  function ready(svg) {
    const points = [...svg.querySelectorAll("[data-say]")];
    if (!points.length || svg.dataset.ready) return;
    svg.dataset.ready = "1";
    svg.setAttribute("tabindex", "0");
    const say = document.createElement("p");
    say.className = "chart-say no-paper";
    say.setAttribute("role", "status");
    svg.after(say);
    const ring = document.createElementNS(NS, "circle");
    ring.setAttribute("class", "chart-here");
    ring.setAttribute("r", "8");
    let at = -1;

    function show(next) {
      at = Math.max(0, Math.min(points.length - 1, next));
      const box = points[at].getBBox();
      ring.setAttribute("cx", box.x + box.width / 2);
      ring.setAttribute("cy", box.y + box.height / 2);
      points[at].parentNode.appendChild(ring);
      say.textContent = points[at].dataset.say;
    }
    function leave() {
      at = -1;
      ring.remove();
      say.textContent = "";
    }
    const back = getComputedStyle(svg).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const steps = { [back]: -1, [back === "ArrowLeft" ? "ArrowRight" : "ArrowLeft"]: 1, ArrowUp: -1, ArrowDown: 1 };

    svg.addEventListener("focus", () => { if (at < 0) say.textContent = words.sayChart || ""; });
    svg.addEventListener("blur", leave);
    svg.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key in steps) show(at < 0 ? (steps[event.key] < 0 ? points.length - 1 : 0) : at + steps[event.key]);
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(points.length - 1);
      else if (event.key === "Escape") svg.blur();
      else return;
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      const near = event.target.closest("[data-say]");
      if (near) show(points.indexOf(near));
    });
    svg.addEventListener("pointerleave", () => { if (document.activeElement !== svg) leave(); });
  }

  const all = (root) => root.querySelectorAll("svg").forEach(ready);
  all(document);
  document.addEventListener("htmx:load", (event) => all(event.detail.elt));
})();
