// Brings histories to life: a point in each operation, and what the model says of their order. What the model
// says stands in a table beside the figure; nothing of it is known here.
(() => {
  "use strict";
  const PAD = 6, STEP = 10, JUMP = 60; // units of the axis, which is 1000 wide

  const within = (least, value, most) => Math.min(Math.max(value, least), most);

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  // ---- what an order comes to ----

  // The points that happen, in the order of their places; of two at one place the upper one is first.
  function orderOf(data, places) {
    const all = data.points.map((_, i) => i).filter((i) => !isNever(data, i, places));
    return all.sort((a, b) => places[a] - places[b] || a - b);
  }

  function isNever(data, i, places) {
    const point = data.points[i];
    return point.optional && places[i] > point.to + PAD;
  }

  // Replays an order: what each point makes of the state, and what is wrong with its answer.
  function replay(data, order) {
    let state = 0;
    return order.map((point) => {
      const [next, right, said] = data.steps[state][point], changes = next !== state;
      state = next;
      return { point, right: right === 1, why: data.said[said], now: changes ? `now ${data.states[next]}` : "" };
    });
  }

  // ---- the figure ----

  class Orders {
    constructor(figure) {
      this.figure = figure;
      this.data = JSON.parse(figure.querySelector(".orders-data").textContent);
      this.places = this.data.points.map((point) => point.at);
      this.build();
      figure.setAttribute("data-live", "");
      this.redraw();
    }

    build() {
      const { figure, data } = this, plot = figure.querySelector(".orders-plot");
      this.lines = data.points.map(() => make("i"));
      plot.prepend(make("div", { class: "orders-lines" }, ...this.lines));
      this.marks = data.points.map((point, i) => this.mark(point, i));
      const button = (said, act) => make("button", { type: "button", onclick: act }, said);
      this.verdict = make("p", { class: "orders-verdict", role: "status" });
      this.steps = make("ol", { class: "orders-replay", "aria-label": "The operations in this order" });
      this.found = make("p", { class: "orders-finding", role: "status" });
      figure.querySelector(".orders-live").replaceChildren(
        make("p", { class: "figure-note" }, "Drag the numbered points, or move them with the arrow keys, until every answer is right."),
        this.verdict, this.steps,
        make("div", { class: "figure-controls" },
          button("Is there any?", () => this.tell()), button("Show one", () => this.show()), button("Start again", () => this.reset())),
        this.found,
      );
    }

    mark(point, i) {
      const op = this.figure.querySelector(`[data-op="${point.op}"]`);
      const mark = make("div", { class: "orders-point", role: "slider", tabindex: 0, "aria-label": `${point.name}, moment`,
        "aria-orientation": "horizontal", "aria-valuemin": Math.round(point.from), "aria-valuemax": Math.round(point.optional ? 1000 : point.to) });
      mark.addEventListener("keydown", (event) => this.key(event, i));
      mark.addEventListener("pointerdown", (event) => this.grab(event, i));
      mark.addEventListener("pointermove", (event) => this.held === i && this.move(i, this.at(event)));
      for (const name of ["pointerup", "pointercancel"]) mark.addEventListener(name, () => { this.held = undefined; });
      if (!op.querySelector(".orders-point")) op.querySelector(".orders-bar").addEventListener("click", (event) => this.move(i, this.at(event)));
      op.append(mark);
      return mark;
    }

    // ---- moving ----

    at(event) {
      const box = this.figure.querySelector(".orders-track").getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * 1000;
    }

    grab(event, i) {
      if (event.button) return;
      this.held = i;
      this.marks[i].setPointerCapture(event.pointerId);
      this.marks[i].focus({ preventScroll: true });
      event.preventDefault();
    }

    // Puts a point as near to a place as its interval allows.
    move(i, place) {
      const { from, to, optional } = this.data.points[i], { never } = this.data;
      const gone = optional && place > (to + never) / 2;
      this.figure.classList.remove("orders-moving");
      this.places[i] = gone ? never : within(from + PAD, place, to - PAD);
      this.redraw();
    }

    key(event, i) {
      const { from, to, optional } = this.data.points[i], now = this.places[i], { never } = this.data;
      const isOut = isNever(this.data, i, this.places);
      const later = (by) => (optional && now + by > to - PAD ? never : now + by);
      const sooner = (by) => (isOut ? to - PAD : now - by);
      const places = {
        ArrowRight: () => later(STEP), ArrowUp: () => later(STEP), ArrowLeft: () => sooner(STEP), ArrowDown: () => sooner(STEP),
        PageUp: () => later(JUMP), PageDown: () => sooner(JUMP), Home: () => from, End: () => (optional ? never : to),
      };
      if (!places[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.move(i, places[event.key]());
    }

    place(places) {
      this.figure.classList.add("orders-moving");
      this.places = [...places];
      this.redraw();
    }

    reset() {
      this.place(this.data.points.map((point) => point.at));
      this.found.textContent = "";
      this.lightUp([]);
    }

    // ---- telling ----

    tell() {
      this.found.textContent = this.data.found;
      this.lightUp(this.data.evidence);
    }

    show() {
      if (this.data.witness) {
        this.place(this.data.witness);
        this.found.textContent = "This is one; there may be others.";
      } else {
        this.tell();
      }
    }

    lightUp(evidence) {
      for (const op of this.figure.querySelectorAll("[data-op]")) op.classList.toggle("evidence", evidence.includes(Number(op.dataset.op)));
    }

    redraw() {
      const { data } = this, order = orderOf(data, this.places), steps = replay(data, order);
      const wrong = new Map(steps.filter((step) => !step.right).map((step) => [step.point, step.why]));
      data.points.forEach((point, i) => {
        const mark = this.marks[i], op = mark.parentElement, number = order.indexOf(i);
        const [start, end] = [op.dataset.start, op.dataset.end].map(Number);
        mark.style.left = `${((this.places[i] - start) / (end - start)) * 100}%`;
        mark.textContent = number < 0 ? "–" : number + 1;
        mark.setAttribute("aria-valuenow", Math.round(this.places[i]));
        mark.setAttribute("aria-valuetext", this.whereabouts(order, number, wrong.get(i)));
        this.lines[i].style.left = `${this.places[i] / 10}%`;
        for (const each of [mark, this.lines[i]]) {
          each.classList.toggle("wrong", wrong.has(i));
          each.classList.toggle("never", number < 0);
        }
      });
      this.say(order, steps, wrong);
    }

    whereabouts(order, number, why) {
      if (number < 0) return "never";
      const name = (at) => this.data.points[order[at]].name;
      const after = number ? `after ${name(number - 1)}` : "before all others";
      return `${number + 1} of ${order.length}, ${after}${why ? `; ${why}` : ""}`;
    }

    // Changes the words only if the order has changed, so that they are not read out at each step.
    say(order, steps, wrong) {
      const now = order.join();
      if (now === this.said) return;
      this.said = now;
      const name = (i) => this.data.points[i].name;
      const [first] = wrong, others = wrong.size - 1;
      const more = others > 0 ? ` ${others === 1 ? "Another answer is" : `${others} other answers are`} wrong, too.` : "";
      this.verdict.textContent = first ? `Wrong. ${name(first[0])} ${first[1]}.${more}` : "Right: this order explains everything.";
      this.verdict.classList.toggle("right", !first);
      this.steps.replaceChildren(...steps.map((step, n) => make("li", {}, make("b", {}, String(n + 1)),
        make("span", {}, name(step.point)),
        step.right ? make("span", {}, `✓ ${[this.gave(step.point), step.now].filter(Boolean).join("; ")}`) : make("span", { class: "wrong" }, `✗ ${step.why}`))));
    }

    gave(i) { return this.data.points[i].gave; }
  }

  for (const figure of document.querySelectorAll("figure.book-orders:not([data-live])")) new Orders(figure);
})();
