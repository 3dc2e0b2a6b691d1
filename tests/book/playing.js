// Plays every figure of a page to its end as a reader would, and says which did not follow.
async () => {
  const wrong = [], shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const miss = (what, node) => wrong.push(`${what}: ${node.getAttribute("aria-label") || node.className}`);

  async function move(input, value) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn();
  }

  async function picture(figure) {
    if (!figure.hasAttribute("data-live")) return miss("a picture stands still", figure);
    const input = figure.querySelector("input[type=range]"), detail = figure.querySelector(".run-detail");
    if (!figure.querySelector(".run-live > svg .shape")) return miss("nothing is drawn", figure);
    await move(input, input.max);
    if (input.value !== input.max || !detail.textContent.trim()) miss("a picture has no end", figure);
    if (!figure.querySelector(".run-live > svg .cursor")) miss("no moment is marked", figure);
  }

  async function slider(figure) {
    const frames = [...figure.children].filter((child) => child.classList.contains("slider-frame"));
    const input = figure.querySelector(".slider-control input");
    if (!input) return miss("a slider stands still", figure);
    for (const [number, frame] of frames.entries()) {
      await move(input, number);
      if (frames.filter(shown).length !== 1 || !shown(frame)) miss(`frame ${number} is not shown`, figure);
      for (const each of frame.querySelectorAll(".run-picture")) await picture(each);
    }
  }

  async function orders(figure) {
    const points = [...figure.querySelectorAll(".orders-point")], verdict = figure.querySelector(".orders-verdict");
    if (!points.length) return miss("a history stands still", figure);
    for (const point of points) {
      for (const key of ["End", "Home"]) {
        const before = point.style.left;
        point.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        await drawn();
        if (point.style.left === before && key === "End") miss("a point does not move", figure);
        if (!/^(Right|Wrong)/.test(verdict.textContent)) miss("an order is not judged", figure);
      }
    }
    for (const button of figure.querySelectorAll("button")) if (shown(button)) button.click();
    await drawn();
  }

  async function clocks(figure) {
    const marks = [...figure.querySelectorAll("[data-event]")], last = marks.at(-1);
    if (!figure.hasAttribute("data-live")) return miss("clocks stand still", figure);
    last.focus();
    await drawn();
    if (!last.classList.contains("chosen")) miss("an event cannot be chosen", figure);
  }

  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const details of all("article details")) details.open = true;
  await drawn();
  for (const figure of all(".book-slider")) await slider(figure);
  for (const figure of all(".run-picture")) if (!figure.closest(".slider-frame")) await picture(figure);
  for (const figure of all(".book-orders")) await orders(figure);
  for (const figure of all(".book-clocks")) await clocks(figure);
  return { wrong, played: all(".run-picture, .book-slider, .book-orders, .book-clocks").length };
}
