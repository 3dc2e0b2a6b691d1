// Brings sliders to life: shows one frame at a time, and says its name.
(() => {
  "use strict";

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function bring(figure) {
    const frames = [...figure.children].filter((child) => child.classList.contains("slider-frame"));
    const names = frames.map((frame) => frame.dataset.name);
    const input = make("input", { type: "range", min: 0, max: frames.length - 1, step: 1, value: 0 });
    const output = make("output", { "aria-live": "off" });
    const ends = make("span", { class: "slider-ends", "aria-hidden": "true" }, make("span", {}, names[0]), make("span", {}, names.at(-1)));
    const show = () => {
      const number = Number(input.value);
      frames.forEach((frame, i) => frame.toggleAttribute("data-shown", i === number));
      input.setAttribute("aria-valuetext", names[number]);
      output.textContent = names[number];
    };
    input.addEventListener("input", show);
    input.setAttribute("aria-label", figure.dataset.label);
    input.autocomplete = "off"; // or a reload would keep the place of the slider and not the frame
    figure.prepend(make("div", { class: "slider-control" },
      make("label", {}, `${figure.dataset.label}: `, output, make("span", { class: "slider-way" }, input, ends))));
    figure.setAttribute("data-live", "");
    show();
  }

  for (const figure of document.querySelectorAll("figure.book-slider:not([data-live])")) bring(figure);
})();
