// Brings the pictures of a page to life: draws any stretch of a run from the data beside the static drawing,
// the same way as svg.py draws the first one. Text from runs goes in as text nodes alone.
(() => {
  "use strict";
  const GUTTER = 112, NARROW = 76, AXIS = 26, FOOT = 22; // pixels, as in svg.py
  const BUDGET = 400, CHARACTER = 6.65, TICK = 100, TALKATIVE = 30, MOST = 80, LEGIBLE = 12;
  const CLOSEST = 20; // microseconds that fill the plot at the deepest zoom
  const SYMBOLS = { file: "m0-5v10", disk: "m0-5v10", start: "m-3-5l8 5l-8 5z", other: "m0-5l5 5l-5 5l-5-5z" };

  // ---- elements ----

  const within = (least, value, most) => Math.min(Math.max(value, least), most);
  const seconds = (micros) => `${(micros / 1e6).toFixed(6)} s`;

  // How many of the sorted times are less than one.
  function below(times, time) {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function draw(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const path = (d, look) => draw("path", look ? { class: look, d } : { d });
  const text = (x, y, said, look) => draw("text", { ...(look && { class: look }), x: x.toFixed(1), y }, said);

  function cut(said, pixels) {
    const fitting = Math.floor(pixels / CHARACTER);
    if (fitting >= [...said].length) return said;
    return fitting > 3 ? `${[...said].slice(0, fitting - 1).join("")}…` : "";
  }

  // ---- shapes: the twin of svg.py ----

  class Shape {
    constructor([form, start, end, y0, y1, look, text, title, detail, [key, who, operation, message]], number) {
      Object.assign(this, { form, start, end, y0, y1, look, text, title, detail, number });
      Object.assign(this, { key, who, operation, message, words: new Set(look.split(" ")) });
      this.kind = `${look}|${y0}|${y1}`;
      this.prominent = ["evidence", "hot", "guide", "life"].some((word) => this.has(word));
    }

    has(word) { return this.words.has(word); }

    within(start, end) { return this.start <= end && (this.end === null || this.end >= start); }

    // Whether a filter lets it through: a choice concerns the shapes that have such a thing.
    passes({ key, who, operation, message }) {
      const moving = this.has("operation") || this.has("holds") || this.has("message");
      if (key && moving && this.key !== key) return false;
      if (who && moving && !this.who.includes(who)) return false;
      if (operation && this.operation && this.operation !== operation) return false;
      return !(message && this.message && this.message !== message);
    }
  }

  class Plot {
    constructor(start, end, width) { Object.assign(this, { start, end, width, taken: [] }); }

    x(time) {
      if (time === null) return this.width + 20;
      return within(-20, ((time - this.start) / (this.end - this.start)) * this.width, this.width + 20);
    }

    take(x, y, said) { this.taken.push([x, x + [...said].length * CHARACTER, y]); }

    isFree(x, y, said) {
      const end = x + [...said].length * CHARACTER;
      const hit = ([left, right, other]) => Math.abs(y - other) < 12 && x < right && end > left;
      return x >= 0 && end <= this.width && !this.taken.some(hit);
    }

    tickStep() {
      const least = Math.max(((this.end - this.start) * TICK) / this.width, 1);
      const power = 10 ** Math.floor(Math.log10(least));
      const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= least);
      return [step, Math.max(6 - Math.floor(Math.log10(step)), 0)];
    }
  }

  function stays(shape, plot, pixels) {
    return shape.prominent || (shape.form === "bar" && plot.x(shape.end) - plot.x(shape.start) >= pixels);
  }

  function thin(shapes, plot, budget) {
    let drawn = shapes;
    for (let pixels = 1; drawn.length > budget && pixels <= 64; pixels *= 2) {
      const last = new Map(); // the place of the last one of each kind
      drawn = shapes.filter((shape) => {
        const place = Math.floor(plot.x(shape.start) / pixels), near = last.get(shape.kind) === place;
        last.set(shape.kind, place);
        return !near || stays(shape, plot, pixels);
      });
    }
    return drawn;
  }

  function bar(shape, plot) {
    const x0 = plot.x(shape.start), x1 = Math.max(plot.x(shape.end), x0 + 2);
    const { y0, y1 } = shape, middle = (y0 + y1) / 2, left = Math.max(x0, 0);
    const [from, to] = [x0.toFixed(1), x1.toFixed(1)];
    const parts = [path(`M${to} ${y0}H${from}V${y1}H${to}${shape.end === null ? "" : "Z"}`)];
    if (shape.has("band")) parts.push(path(`M${from} ${middle}H${to}`, "hatch"));
    const said = squeezed(shape, plot) ? "" : cut(shape.text, room(shape, plot));
    if (said) {
      plot.take(left, middle + 4, said);
      parts.push(text(left + 4, middle + 4, said));
    }
    return parts;
  }

  const room = (shape, plot) => Math.min(plot.x(shape.end), plot.width) - Math.max(plot.x(shape.start), 0) - 8;

  function squeezed(shape, plot) {
    const legible = Math.min([...shape.text].length, LEGIBLE);
    return shape.has("evidence") && room(shape, plot) < legible * CHARACTER;
  }

  function barbs(x, y, angle) {
    const [left, right] = [-0.4, 0.4].map(
      (turn) => `${(x - 8 * Math.cos(angle + turn)).toFixed(1)} ${(y - 8 * Math.sin(angle + turn)).toFixed(1)}`,
    );
    return `M${left}L${x.toFixed(1)} ${y.toFixed(1)}L${right}`;
  }

  function head(x0, y0, x1, y1, shape) {
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const first = barbs(x1, y1, angle) + (shape.has("request") ? "Z" : "");
    return shape.has("copy") ? first + barbs(x1 - 6 * Math.cos(angle), y1 - 6 * Math.sin(angle), angle) : first;
  }

  function arrow(shape, plot) {
    const x0 = plot.x(shape.start), x1 = plot.x(shape.end), { y0, y1 } = shape;
    const d = `M${x0.toFixed(1)} ${y0}L${x1.toFixed(1)} ${y1}`;
    const parts = [path(d)];
    if (shape.has("lost")) parts.push(path(`M${(x1 - 5).toFixed(1)} ${y1 - 5}l10 10m0-10l-10 10`, "head"));
    else if (shape.has("message") && !shape.has("pending")) parts.push(path(head(x0, y0, x1, y1, shape), "head"));
    if (shape.has("message")) parts.push(path(d, "run-hit"));
    return parts;
  }

  function symbol(shape, plot) {
    return [path(`M${plot.x(shape.start).toFixed(1)} ${shape.y0}${SYMBOLS[shape.look.split(" ")[1]]}`)];
  }

  const FORMS = { bar, line: arrow, mark: symbol };

  function beside(shape, plot) {
    const x0 = plot.x(shape.start), x1 = plot.x(shape.end);
    if (shape.form === "bar") return [x0, x1, (shape.y0 + shape.y1) / 2 + 4];
    const part = shape.has("lost") ? 1 : 0.4, x = x0 + (x1 - x0) * part;
    return [x, x, shape.y0 + (shape.y1 - shape.y0) * part + 4];
  }

  function labels(shapes, plot) {
    const weight = (shape) => 4 * shape.has("evidence") + 2 * shape.has("hot") + shape.has("lost");
    let spoken = shapes.filter((shape) => shape.text && (shape.form !== "bar" || squeezed(shape, plot)));
    spoken.sort((a, b) => weight(a) - weight(b));
    if (spoken.length * TALKATIVE > plot.width) spoken = spoken.filter(weight).slice(-MOST);
    return spoken.reverse().flatMap((shape) => {
      const [left, right, y] = beside(shape, plot);
      let said = shape.text;
      let place = [right + 8, left - 8 - [...said].length * CHARACTER].find((x) => plot.isFree(x, y, said));
      if (place === undefined && shape.has("evidence")) [said, place] = [said.slice(0, 1), right + 4];
      if (place === undefined) return [];
      plot.take(place, y, said);
      return [text(place, y, said, `label ${shape.look}`)];
    });
  }

  // ---- a picture ----

  class Picture {
    constructor(figure) {
      this.figure = figure;
      this.data = JSON.parse(figure.querySelector(".run-data").textContent);
      this.shapes = this.data.shapes.map((row, number) => new Shape(row, number));
      this.stops = [...new Set(this.data.times)]; // where stepping through time stops
      [this.start, this.end] = this.data.window;
      this.filter = { key: "", who: "", operation: "", message: "" };
      this.cursor = null; // the number of the stop that is stepped to
      this.picked = null;
      this.pointers = new Map();
      this.build();
      figure.dataset.live = "";
      new ResizeObserver(() => this.redraw()).observe(this.svg);
    }

    // ---- parts ----

    build() {
      const button = (said, label, act) => make("button", { type: "button", "aria-label": label, title: label, onclick: act }, said);
      this.svg = draw("svg", {
        class: "run-svg", tabindex: 0, role: "group", height: AXIS + this.data.height + FOOT,
        "aria-label": `Picture of the run ${this.data.title}. Arrow keys move it, plus and minus zoom, 0 shows the first window.`,
      });
      this.range = make("input", { type: "range", min: 0, max: Math.max(this.stops.length - 1, 0), value: below(this.stops, this.start), "aria-label": "Step through time", oninput: () => this.step(Number(this.range.value)) });
      this.clock = make("output", {}, "");
      this.detail = make("div", { class: "run-detail", role: "status", "aria-live": "polite", tabindex: 0, "aria-label": "Details" });
      this.figure.querySelector(".run-live").replaceChildren(
        make("div", { class: "run-controls" },
          button("−", "Zoom out", () => this.zoom(2)), button("+", "Zoom in", () => this.zoom(0.5)),
          button(this.data.evidence.length ? "evidence" : "window", "Show the first window", () => this.show(...this.data.window)),
          button("whole run", "Show all", () => this.show(...this.data.whole)), ...this.filters()),
        this.svg,
        make("div", { class: "run-controls" }, button("◂", "Step back", () => this.step(this.now() - 1)), this.range,
          button("▸", "Step forward", () => this.step(this.now() + 1)), this.clock),
        this.detail,
      );
      this.say("Point at an operation or a message, tap it, or step through time.", "In the picture, + and − zoom, the arrow keys move, 0 shows the first window. So do Ctrl and the wheel, pinching and dragging.");
      this.listen();
    }

    filters() {
      const named = (of) => [...new Set(this.shapes.flatMap(of))].filter(Boolean).sort().slice(0, 300);
      const choices = { key: (s) => [s.key], who: (s) => s.who, operation: (s) => [s.operation], message: (s) => [s.message] };
      return Object.entries(choices).flatMap(([name, of]) => {
        const values = named(of);
        if (values.length < 2) return [];
        const select = make("select", { onchange: () => { this.filter[name] = select.value; this.redraw(); } },
          make("option", { value: "" }, "all"), ...values.map((value) => make("option", { value }, value)));
        return [make("label", {}, name === "who" ? "client, node" : name, select)];
      });
    }

    listen() {
      const { svg } = this;
      svg.addEventListener("keydown", (event) => this.key(event));
      svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      svg.addEventListener("pointerdown", (event) => this.press(event));
      svg.addEventListener("pointermove", (event) => this.drag(event));
      for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
        svg.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
      }
      svg.addEventListener("pointerover", (event) => this.point(event));
      svg.addEventListener("focusin", (event) => this.point(event));
      svg.addEventListener("click", (event) => this.point(event));
      for (const item of this.figure.querySelectorAll("[data-evidence]")) {
        item.addEventListener("click", () => this.pick(this.shapes[Number(item.dataset.evidence)]));
      }
    }

    // ---- where to look ----

    get width() { return Math.max(this.svg.clientWidth - this.gutter, 50); }

    get gutter() { return this.svg.clientWidth < 560 ? NARROW : GUTTER; }

    show(start, end) {
      const [first, last] = [Math.min(this.data.whole[0], this.data.window[0]), Math.max(this.data.whole[1], this.data.window[1])];
      const room = (last - first) * 0.02 + CLOSEST;
      const length = within(CLOSEST, end - start, last - first + 2 * room);
      this.start = within(first - room, start, last + room - length);
      this.end = this.start + length;
      this.redraw();
    }

    zoom(factor, part = 0.5) {
      const length = Math.max((this.end - this.start) * factor, CLOSEST);
      const fixed = this.start + (this.end - this.start) * part;
      this.show(fixed - length * part, fixed + length * (1 - part));
    }

    pan(part) {
      const way = (this.end - this.start) * part;
      this.show(this.start + way, this.end + way);
    }

    part(event) {
      return within(0, (event.clientX - this.svg.getBoundingClientRect().left - this.gutter) / this.width, 1);
    }

    key(event) {
      const acts = {
        "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.show(...this.data.window),
        ArrowLeft: () => this.pan(-0.15), ArrowRight: () => this.pan(0.15),
        Home: () => this.pan(-1e9), End: () => this.pan(1e9),
      };
      if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      acts[event.key]();
    }

    wheel(event) {
      if (event.ctrlKey || event.metaKey) this.zoom(1.0015 ** within(-400, event.deltaY, 400), this.part(event));
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan((event.deltaX || event.deltaY) / this.width);
      else return;
      event.preventDefault();
    }

    press(event) {
      this.pointers.set(event.pointerId, event.clientX);
    }

    // One pointer drags; two pinch.
    drag(event) {
      if (!this.pointers.has(event.pointerId) || !event.buttons) return;
      const before = [...this.pointers.values()];
      this.pointers.set(event.pointerId, event.clientX);
      const after = [...this.pointers.values()];
      if (after.length === 1) {
        this.pan((before[0] - after[0]) / this.width);
      } else {
        const apart = ([a, b]) => Math.max(Math.abs(a - b), 10);
        this.zoom(apart(before) / apart(after), this.part({ clientX: (after[0] + after[1]) / 2 }));
      }
    }

    // ---- what is shown of it ----

    point(event) {
      const found = event.target.closest?.("[data-shape]");
      if (found) this.explain(this.shapes[Number(found.dataset.shape)], found);
    }

    explain(shape, element) {
      this.picked = shape.number;
      for (const other of this.svg.querySelectorAll(".picked")) other.classList.remove("picked");
      element?.classList.add("picked");
      const until = shape.end === null ? "to the end of the run" : `to ${seconds(shape.end)}, ${(shape.end - shape.start).toLocaleString("en")} µs`;
      const when = shape.end === shape.start ? `at ${seconds(shape.start)}` : `${seconds(shape.start)} ${until}`;
      this.say(shape.title, shape.has("operation") ? "" : when, shape.detail);
    }

    say(title, when = "", detail = "") {
      this.detail.replaceChildren(make("p", {}, make("b", {}, title)), make("p", {}, when), make("pre", {}, detail));
    }

    // Shows an operation of the evidence, nearer if it would be a sliver.
    pick(shape) {
      const length = this.end - this.start, took = (shape.end ?? this.data.whole[1]) - shape.start;
      const sliver = (took / length) * this.width < 60;
      if (sliver || !shape.within(this.start, this.end)) {
        const more = sliver ? Math.max(took * 6, 50 * CLOSEST) : length;
        this.show(shape.start - more * 0.4, shape.start + more * 0.6);
      }
      this.explain(shape, this.svg.querySelector(`[data-shape="${shape.number}"]`));
    }

    // ---- stepping through time ----

    now() { return this.cursor ?? below(this.stops, this.start) - 1; }

    step(number) {
      if (!this.stops.length) return;
      this.cursor = within(0, number, this.stops.length - 1);
      const time = this.stops[this.cursor];
      this.range.value = this.cursor;
      this.range.setAttribute("aria-valuetext", seconds(time));
      this.clock.textContent = seconds(time);
      const length = this.end - this.start;
      if (time < this.start || time > this.end) this.show(time - length / 2, time + length / 2);
      else this.redraw();
      this.tell(time);
    }

    // Says what happens at a moment; of a message also what is in it.
    tell(time) {
      const happening = this.shapes.filter((shape) => shape.title && (shape.start === time || shape.end === time));
      const said = happening.slice(0, 12).map((shape) => {
        const [begins, ends] = shape.form === "line" ? ["leaves", "arrives"] : shape.form === "bar" ? ["begins", "ends"] : ["", ""];
        const lost = shape.has("lost") && shape.end === time; // its title says so
        return `${shape.title} ${lost ? "" : shape.start === time ? begins : ends}`.trim();
      });
      const detail = happening.length === 1 ? happening[0].detail : "";
      this.detail.replaceChildren(make("p", {}, make("b", {}, seconds(time))), ...said.map((line) => make("p", {}, line)), make("pre", {}, detail));
    }

    // ---- drawing ----

    redraw() {
      this.due ??= requestAnimationFrame(() => { this.due = undefined; this.render(); });
    }

    render() {
      const { svg, data, gutter } = this;
      if (!svg.clientWidth) return;
      const focused = svg.contains(document.activeElement) ? document.activeElement.dataset?.shape : undefined;
      const plot = new Plot(this.start, this.end, this.width);
      const seen = this.shapes.filter((shape) => shape.within(this.start, this.end) && shape.passes(this.filter));
      const drawn = thin(seen, plot, BUDGET);
      const inner = draw("svg", { x: gutter, y: AXIS, width: plot.width, height: data.height });
      inner.append(...drawn.map((shape) => this.element(shape, plot)));
      inner.append(...labels(drawn.filter((shape) => !this.isFuture(shape)), plot));
      if (this.cursor !== null) {
        const x = plot.x(this.stops[this.cursor]).toFixed(1);
        inner.append(path(`M${x} 0V${data.height}`, "cursor"));
      }
      svg.replaceChildren(...this.names(), ...this.axis(plot), inner, ...this.foot(plot, seen.length - drawn.length));
      if (focused !== undefined) svg.querySelector(`[data-shape="${focused}"]`)?.focus({ preventScroll: true });
    }

    element(shape, plot) {
      const made = draw("g", { class: `shape ${shape.look}` }, ...FORMS[shape.form](shape, plot));
      if (shape.title) made.dataset.shape = shape.number;
      if (shape.has("evidence")) {
        for (const [name, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": shape.title })) made.setAttribute(name, value);
      }
      if (shape.number === this.picked) made.classList.add("picked");
      if (this.isFuture(shape)) made.classList.add("future");
      return made;
    }

    isFuture(shape) { return this.cursor !== null && shape.start > this.stops[this.cursor]; }

    names() {
      return this.data.rows.map((row) => text(this.gutter - 10, AXIS + row.y + 4, cut(row.name, this.gutter - 16), `name ${row.kind}`));
    }

    axis(plot) {
      const [step, digits] = plot.tickStep(), parts = [];
      for (let n = Math.ceil(plot.start / step); n <= Math.floor(plot.end / step); n += 1) {
        const x = this.gutter + plot.x(n * step);
        parts.push(path(`M${x.toFixed(1)} ${AXIS - 6}V${AXIS + this.data.height}`, "tick"));
        const said = `${((n * step) / 1e6).toFixed(digits)} s`;
        if (x + (said.length * CHARACTER) / 2 <= this.gutter + plot.width) parts.push(text(x, AXIS - 10, said, "time"));
      }
      return parts;
    }

    foot(plot, thinned) {
      const { data } = this, y = AXIS + data.height + 15, right = this.gutter + plot.width - 4;
      const before = data.before + below(data.times, plot.start);
      const after = data.after + data.times.length - below(data.times, Math.floor(plot.end) + 1);
      const parts = [
        text(this.gutter, y, before ? `◂ ${before.toLocaleString("en")} before` : "the run begins here", "foot"),
        text(right, y, after ? `${after.toLocaleString("en")} after ▸` : "the run ends here", "foot right"),
      ];
      const leftOut = [...data.left_out, ...(thinned ? [`${thinned.toLocaleString("en")} not drawn at this scale`] : [])];
      if (leftOut.length) parts.push(text((this.gutter + right + 4) / 2, y, leftOut.join("; "), "foot middle"));
      return parts;
    }
  }

  // Every picture that stands in the document by now, once; one that cannot be brought to life stays as it is.
  for (const figure of document.querySelectorAll("figure.run-picture:not([data-live])")) {
    try {
      new Picture(figure);
    } catch (error) {
      console.error(error);
    }
  }
})();
