"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const lists = [...document.querySelectorAll("[data-sorted]")];
  const chosen = document.getElementById("sort");
  const told = document.getElementById("told");
  const ascending = new Set(["row"]);

  function sort(key) {
    const sign = ascending.has(key) ? 1 : -1;
    for (const list of lists) {
      const items = [...list.children].map((item) => [JSON.parse(item.dataset.values)[key], item]);
      items.sort(([a], [b]) => (a === null) - (b === null) || sign * (a - b));
      list.append(...items.map(([, item]) => item));
    }
    for (const button of document.querySelectorAll("[data-key]")) {
      const cell = button.closest("th");
      if (button.dataset.key === key) cell.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    }
    chosen.value = key;
    told.textContent = "Sorted by " + chosen.selectedOptions[0].textContent;
  }
  chosen.addEventListener("change", () => sort(chosen.value));
  for (const button of document.querySelectorAll("[data-key]"))
    button.addEventListener("click", () => sort(button.dataset.key));

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const all = document.getElementById("all");
  let moving = !still;
  function show() {
    root.classList.toggle("moving", moving);
    root.classList.toggle("paused", !moving);
    all.textContent = moving ? "Pause" : "Play";
  }
  all.addEventListener("click", () => {
    moving = !moving;
    if (moving) for (const held of document.querySelectorAll(".held")) release(held);
    show();
  });
  show();

  function release(walk) {
    walk.classList.remove("held");
    walk.querySelector("output").textContent = "η by hand";
  }
  for (const slider of document.querySelectorAll('input[type="range"]')) {
    const walk = slider.closest(".walk");
    const reach = Number(slider.dataset.reach);
    slider.addEventListener("input", () => {
      const share = Number(slider.value) / Number(slider.max);
      const eta = (2 * share - 1) * reach;
      walk.classList.add("held");
      walk.style.setProperty("--at", 100 * share + "%");
      const text = (eta < 0 ? "−" : "+") + Math.abs(eta).toFixed(2);
      walk.querySelector("output").textContent = "η " + text;
      slider.setAttribute("aria-valuetext", text);
    });
    slider.addEventListener("dblclick", () => release(walk));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.classList.add("hush");
  });
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, (event) => {
      if (event.target.closest(".term")) root.classList.remove("hush");
    });
})();
