// The rows of a result as a table: only those that can be seen are in the page, however many
// there are. Sorted and filtered without holding up whoever scrolls.
import { element, linked } from "./elements.js";
import { readTerm, shortened } from "./terms.js";

const ROW = 34; // pixels
const BEYOND = 12; // rows above and below what is seen
const LONG = 160; // characters of a cell that stay
const PRINTED = 1000; // rows on paper
const SLICE = 12; // milliseconds of work at a time
const LABELLED = 300; // milliseconds before labels are asked for

export class ResultTable {
  // open(term) is called for a cell whose whole value is wanted.
  constructor(words, labels, prefixes, open) {
    Object.assign(this, { words, labels, prefixes, open });
    this.body = element("tbody");
    this.head = element("thead");
    this.table = element("table", { class: "rows" }, this.head, this.body);
    this.scroller = element("div", { class: "wide virtual", role: "region", "aria-label": words.table, tabindex: "0" }, this.table);
    this.filter = element("input", { type: "search", autocomplete: "off", "aria-label": words.filter, placeholder: words.filter });
    this.count = element("span", { class: "quiet", role: "status" });
    this.rest = element("p", { class: "paper" });
    this.element = element("div", {}, element("p", { class: "together filter" }, this.filter, this.count), this.scroller, this.rest);
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.filter.addEventListener("input", () => this.later("filtering", 150, () => this.order()));
    this.timers = {};
    addEventListener("beforeprint", () => this.draw(PRINTED));
    addEventListener("afterprint", () => this.draw());
  }

  later(name, pause, run) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(run, pause);
  }

  // Shows a result, or more of the one that is shown.
  show(result) {
    const isNew = this.result !== result;
    this.result = result;
    if (isNew) {
      this.sorted = null;
      this.filter.value = "";
      this.kept = null;
      this.drawHead();
      this.scroller.scrollTop = 0;
    } else if (this.head.childElementCount === 0) this.drawHead();
    if (this.kept) this.later("filtering", 400, () => this.order());
    this.drawn = "";
    this.draw();
  }

  drawHead() {
    const buttons = this.result.variables.map((name, at) => {
      const direction = this.sorted?.at === at ? (this.sorted.down ? "descending" : "ascending") : null;
      const button = element("button", { type: "button" }, name, element("span", { "aria-hidden": "true" }, direction ? (this.sorted.down ? " ↓" : " ↑") : ""));
      button.addEventListener("click", () => this.sort(at));
      const isNumber = /^[+-]?[\d.]+$/.test(this.result.size ? this.result.written(0)[at] : "");
      return element("th", { scope: "col", ...(isNumber ? { class: "number" } : {}), ...(direction ? { "aria-sort": direction } : {}) }, button);
    });
    this.head.replaceChildren(element("tr", { "aria-rowindex": "1" }, ...buttons));
  }

  sort(at) {
    const down = this.sorted?.at === at && !this.sorted.down;
    this.sorted = { at, down };
    const focus = document.activeElement?.closest("th");
    this.drawHead();
    if (focus) this.head.querySelectorAll("button")[at].focus();
    this.order();
  }

  // Orders the rows anew; a later call ends an earlier one.
  async order() {
    const run = (this.run = {});
    const text = this.filter.value.trim().toLowerCase();
    let rows = Array.from({ length: this.result.size }, (_, row) => row);
    if (text) rows = await inSlices(rows, (part) => part.filter((row) => this.text(row).includes(text)), () => this.run === run);
    if (rows && this.sorted) rows = await this.sortedRows(rows, () => this.run === run);
    if (!rows || this.run !== run) return;
    this.kept = text || this.sorted ? rows : null;
    this.drawn = "";
    this.scroller.scrollTop = 0;
    this.draw();
  }

  text(row) {
    return this.result.lines[row].toLowerCase();
  }

  async sortedRows(rows, wanted) {
    const { at, down } = this.sorted;
    const keys = new Map();
    await inSlices(rows, (part) => part.forEach((row) => keys.set(row, key(this.result.written(row)[at]))) ?? [], wanted);
    const { compare } = new Intl.Collator(this.words.language, { numeric: true });
    const order = (a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      const found = typeof x === "number" && typeof y === "number" ? x - y : typeof x === typeof y ? compare(x, y) : typeof x === "number" ? -1 : 1;
      return (down ? -found : found) || a - b;
    };
    return mergeSorted(rows, order, wanted);
  }

  get rows() {
    return this.kept?.length ?? this.result.size;
  }

  // Puts the rows that can be seen into the page. printed: so many of the first ones instead.
  draw(printed = 0) {
    if (!this.result) return;
    const first = printed ? 0 : Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - BEYOND);
    const end = printed || Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + BEYOND;
    const last = Math.min(this.rows, end);
    const drawn = `${first} ${last} ${this.rows}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = this.body.contains(document.activeElement);
    const parts = [];
    if (first > 0) parts.push(space(first));
    for (let place = first; place < last; place += 1) parts.push(this.row(place));
    if (last < this.rows) parts.push(space(this.rows - last));
    this.rest.textContent = printed && last < this.rows ? this.words.printed_part.replace("{count}", last.toLocaleString(this.words.language)) : "";
    this.body.replaceChildren(...parts);
    if (focused) this.scroller.focus({ preventScroll: true });
    this.table.setAttribute("aria-rowcount", String(this.rows + 1));
    this.count.textContent = this.kept && this.filter.value.trim() ? this.words.filtered.replace("{count}", this.rows.toLocaleString(this.words.language)) : "";
    this.later("labels", LABELLED, () => this.label(first, last));
  }

  row(place) {
    const row = this.kept ? this.kept[place] : place;
    const written = this.result.written(row);
    return element("tr", { "aria-rowindex": String(place + 2) }, ...this.result.variables.map((_, at) => this.cell(readTerm(written[at]), row)));
  }

  cell(term, row) {
    if (!term) return element("td");
    if (term.type === "iri") return this.iriCell(term);
    if (term.type === "blank") return element("td", {}, this.opener(term, term.value, row), element("span", { class: "quiet" }, term.value.slice(0, 8)));
    const isNumber = /#(integer|decimal|double|float|int|long)$/.test(term.datatype ?? "");
    const long = term.value.length > LONG || term.value.includes("\n");
    const text = element("span", term.language ? { lang: term.language } : {}, long ? `${term.value.slice(0, LONG)}…` : term.value);
    const parts = [text];
    if (term.language) parts.push(element("span", { class: "quiet" }, ` ${term.language}`));
    return element("td", isNumber ? { class: "number" } : {}, ...(long ? [this.opener(term)] : []), ...parts);
  }

  iriCell(term) {
    const label = this.labels.of(term.value);
    const short = shortened(term.value, this.prefixes) ?? term.value;
    const link = linked(term.value, label || short, { title: term.value });
    return element("td", {}, this.opener(term, label || short), link, ...(label ? [element("span", { class: "quiet" }, ` ${short}`)] : []));
  }

  opener(term, name = "", row = null) {
    const button = element("button", { type: "button", class: "opener", "aria-label": `${this.words.look} ${name}`.trim() }, "⋯");
    button.addEventListener("click", () => this.open(term, row));
    return button;
  }

  async label(first, last) {
    const iris = [];
    for (let place = first; place < last; place += 1)
      for (const term of this.result.row(this.kept ? this.kept[place] : place) ?? []) if (term?.type === "iri") iris.push(term.value);
    if (await this.labels.fetch(iris)) {
      this.drawn = "";
      if (!this.body.contains(document.activeElement)) this.draw();
    }
  }
}

function space(rows) {
  const row = element("tr", { class: "space", "aria-hidden": "true" }, element("td"));
  row.style.height = `${rows * ROW}px`;
  return row;
}

function key(written) {
  const term = readTerm(written);
  if (!term) return "";
  return term.value !== "" && /#(integer|decimal|double|float|int|long)$/.test(term.datatype ?? "") ? Number(term.value) : term.value;
}

const rest = () => new Promise((resume) => setTimeout(resume));

// Runs a function over parts of a list, with pauses; null where it isn't wanted any more.
async function inSlices(list, run, wanted) {
  const found = [];
  let began = performance.now();
  for (let at = 0; at < list.length; at += 1000) {
    for (const each of run(list.slice(at, at + 1000))) found.push(each);
    if (performance.now() - began < SLICE) continue;
    await rest();
    if (!wanted()) return null;
    began = performance.now();
  }
  return found;
}

// Sorts a list by merging, with pauses; null where it isn't wanted any more.
async function mergeSorted(list, order, wanted) {
  let now = list;
  let began = performance.now();
  const pause = async () => {
    if (performance.now() - began < SLICE) return true;
    await rest();
    began = performance.now();
    return wanted();
  };
  const width = 512;
  let runs = [];
  for (let at = 0; at < now.length; at += width) {
    runs.push(now.slice(at, at + width).sort(order));
    if (!(await pause())) return null;
  }
  while (runs.length > 1) {
    const merged = [];
    for (let at = 0; at < runs.length; at += 2) {
      const [a, b] = [runs[at], runs[at + 1] ?? []];
      const both = new Array(a.length + b.length);
      for (let i = 0, j = 0, k = 0; k < both.length; k += 1) {
        both[k] = j >= b.length || (i < a.length && order(a[i], b[j]) <= 0) ? a[i++] : b[j++];
        if (k % 2048 === 2047 && !(await pause())) return null;
      }
      merged.push(both);
    }
    runs = merged;
  }
  return runs[0] ?? [];
}
