// Brings the clocks of runs to life: whoever chooses an event sees what happened before it.
(() => {
  "use strict";
  const SHOWN = 4; // events that are named; of more the rest is counted

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const counted = (number, thing) => `${number} ${thing}${number === 1 ? "" : "s"}`;

  class Clocks {
    constructor(figure) {
      this.figure = figure;
      const { kind, events } = JSON.parse(figure.querySelector(".clocks-data").textContent);
      this.kind = kind;
      this.events = events.map((event) => ({ ...event, causes: new Set(event.causes) }));
      this.marks = [...figure.querySelectorAll("[data-event]")];
      this.said = make("div", { class: "clocks-said", role: "status" },
        make("p", {}, "Choose an event: point at it and click, or move between events with the arrow keys. What happened before it lights up."));
      figure.querySelector(".clocks-live").replaceChildren(this.said);
      this.marks.forEach((mark, i) => this.listen(mark, i));
      figure.setAttribute("data-live", "");
    }

    listen(mark, i) {
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-pressed", "false");
      mark.setAttribute("tabindex", i ? -1 : 0);
      mark.addEventListener("click", () => mark.focus());
      mark.addEventListener("focus", () => this.choose(i));
      mark.addEventListener("keydown", (event) => this.key(event, i));
    }

    key(event, i) {
      const to = {
        ArrowRight: () => this.along(i, 1), ArrowLeft: () => this.along(i, -1),
        ArrowDown: () => this.across(i, 1), ArrowUp: () => this.across(i, -1),
        Home: () => 0, End: () => this.events.length - 1,
      }[event.key];
      if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const found = to();
      if (found >= 0) this.marks[found].focus();
    }

    // The next event of the same node, or the one before.
    along(i, way) {
      for (let n = i + way; n >= 0 && n < this.events.length; n += way) if (this.events[n].node === this.events[i].node) return n;
      return -1;
    }

    // The event of the next lane that is nearest in time.
    across(i, way) {
      const nodes = [...new Set(this.events.map((event) => event.node))].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
      const node = nodes[nodes.indexOf(this.events[i].node) + way];
      const there = this.events.map((_, n) => n).filter((n) => this.events[n].node === node);
      return there.sort((a, b) => Math.abs(a - i) - Math.abs(b - i))[0] ?? -1;
    }

    relation(n, chosen) {
      if (n === chosen) return "chosen";
      if (this.events[chosen].causes.has(n)) return "before";
      return this.events[n].causes.has(chosen) ? "after" : "concurrent";
    }

    choose(chosen) {
      const relations = this.events.map((_, n) => this.relation(n, chosen));
      this.marks.forEach((mark, n) => {
        mark.classList.remove("chosen", "before", "after", "concurrent");
        mark.classList.add(relations[n]);
        mark.setAttribute("aria-pressed", String(n === chosen));
        mark.setAttribute("tabindex", n === chosen ? 0 : -1);
      });
      const early = (n) => ["chosen", "before"].includes(relations[n]);
      for (const message of this.figure.querySelectorAll(".message")) {
        const lit = early(Number(message.dataset.from)) && early(Number(message.dataset.to));
        message.classList.toggle("before", lit);
        message.classList.toggle("dim", !lit);
      }
      this.tell(chosen, relations);
    }

    tell(chosen, relations) {
      const of = (relation) => this.events.map((_, n) => n).filter((n) => relations[n] === relation);
      const [before, after, beside] = ["before", "after", "concurrent"].map(of);
      const event = this.events[chosen];
      this.said.replaceChildren(
        make("p", {}, make("b", {}, `${chosen + 1}. ${event.said}: ${this.kind} ${event.clock}`)),
        make("p", {}, `Before it: ${this.listed(before)}. After it: ${counted(after.length, "event")}.`),
        make("p", {}, `Concurrent with it: ${this.listed(beside)}.${this.moral(event, beside)}`),
      );
    }

    listed(numbers) {
      if (!numbers.length) return "nothing";
      const shown = numbers.slice(-SHOWN).map((n) => `${n + 1}. ${this.events[n].said}`);
      const more = numbers.length - shown.length;
      return `${counted(numbers.length, "event")} (${more ? "the last: " : ""}${shown.join("; ")})`;
    }

    // What the times of concurrent events are worth.
    moral(event, beside) {
      if (this.kind !== "Lamport time") return beside.length ? " Each vector is larger than the other in some place." : "";
      const smaller = beside.filter((n) => this.events[n].lamport < event.lamport);
      if (!smaller.length) return "";
      const who = smaller.length > 1 ? `${smaller.length} of them have` : beside.length > 1 ? "One of them has" : "It has";
      return ` ${who} a smaller time, and still did not happen before this one.`;
    }
  }

  for (const figure of document.querySelectorAll("figure.book-clocks:not([data-live])")) new Clocks(figure);
})();
