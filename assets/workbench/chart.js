// Charts and timelines. What stands where is chosen by what the columns are.
import { choice, drawn, element } from "./elements.js";
import { clipped, Figure, label, WIDTH } from "./figure.js";

const MOST_BARS = 120;
const MOST_SERIES = 8;

export class Chart extends Figure {
  file = "chart";

  constructor(result, around) {
    super(result, around);
    const usable = this.columns.filter(({ kind }) => kind !== "blank" && kind !== "point");
    const measures = this.columns.filter(({ kind }) => kind === "number");
    const times = usable.filter(({ kind }) => kind === "year" || kind === "date");
    const words = usable.filter(({ kind }) => ["iri", "country", "text"].includes(kind));
    this.x = times[0] ?? words[0] ?? usable[0];
    this.y = measures.filter((column) => column !== this.x).at(-1) ?? null;
    this.by = times[0] || this.isRepeated(this.x) ? (this.named(words.filter((column) => column !== this.x)) ?? null) : null;
    this.usable = usable;
    this.measures = measures;
    this.kind = this.isFull() ? "lines" : "bars";
  }

  // Of columns of words, one that has few enough values for colours.
  named(words) {
    return words.find((column) => this.values(column).size <= 30 && this.values(column).size > 1);
  }

  // Whether a value of a column stands in several rows, which another one tells apart.
  isRepeated(column) {
    return Boolean(column) && this.values(column).size < this.rows.length;
  }

  // Whether there are many years, with something in most of them: lines don't fall to nothing then.
  isFull() {
    if (this.x.kind !== "year") return false;
    const found = [...this.values(this.x)].filter(Boolean).map((value) => Number(value.slice(0, 4)));
    return found.length > 40 && found.length > 0.6 * (Math.max(...found) - Math.min(...found));
  }

  values(column) {
    return new Set(this.rows.map((row) => row[column.at]?.value));
  }

  async show() {
    const iris = [this.x, this.by].filter((column) => column && ["iri", "country"].includes(column.kind));
    const wanted = iris.flatMap((column) => [...this.values(column)].filter(Boolean).slice(0, 240));
    if (wanted.length) await this.labels.fetch(wanted);
    this.points = this.counted();
    const svg = this.kind === "bars" ? this.bars() : this.lines();
    const y = this.y?.name ?? this.words.rows;
    this.legend = this.points.series.length > 1 ? this.keys() : null;
    this.put(svg, `${y} / ${this.x.name}${this.by ? ` / ${this.by.name}` : ""}`, this.controls(), [
      this.points.hidden && this.words.hidden.replace("{count}", this.number(this.points.hidden)),
    ]);
  }

  controls() {
    const { words } = this;
    const again = (name, of) => (value) => {
      this[name] = of(value);
      this.show();
    };
    const column = (value) => this.columns[value] ?? null;
    const named = (columns) => columns.map((each) => [String(each.at), each.name]);
    const at = (each) => (each ? String(each.at) : "");
    return [
      choice(words.kind, [["bars", words.bars], ["lines", words.lines], ["points", words.points]], this.kind, again("kind", (value) => value)),
      choice("x", named(this.usable), at(this.x), again("x", column)),
      choice("y", [["", words.rows], ...named(this.measures)], at(this.y), again("y", column)),
      choice(words.colour, [["", "–"], ...named(this.usable)], at(this.by), again("by", column)),
    ];
  }

  // {slots: [x], series: [name], sums: slot to series to sum, hidden: slots that have no place}
  counted() {
    const sums = new Map();
    const totals = new Map();
    for (const row of this.rows) {
      const slot = this.slot(row[this.x.at]);
      const series = this.by ? this.name(row[this.by.at]) : "";
      const value = this.y ? Number(row[this.y.at]?.value ?? NaN) : 1;
      if (slot === "" || Number.isNaN(value)) continue;
      if (!sums.has(slot)) sums.set(slot, new Map());
      sums.get(slot).set(series, (sums.get(slot).get(series) ?? 0) + value);
      totals.set(series, (totals.get(series) ?? 0) + value);
    }
    const largest = [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const series = largest.slice(0, MOST_SERIES);
    if (largest.length > MOST_SERIES) {
      series[MOST_SERIES - 1] = this.words.others;
      for (const of of sums.values()) {
        let rest = 0;
        for (const name of largest.slice(MOST_SERIES - 1)) rest += of.get(name) ?? 0;
        of.set(this.words.others, rest);
      }
    }
    return this.placed(sums, series);
  }

  slot(term) {
    const letters = { date: 10, year: 4 }[this.x.kind]; // of 1890s, too
    return letters ? (term?.value.slice(0, letters) ?? "") : this.name(term);
  }

  placed(sums, series) {
    let slots = [...sums.keys()];
    const isNumber = ["year", "number"].includes(this.x.kind);
    if (isNumber) slots.sort((a, b) => a - b);
    else if (this.x.kind === "date") slots.sort();
    else slots.sort((a, b) => this.total(sums.get(b)) - this.total(sums.get(a)));
    if (this.x.kind === "year") slots = years(slots);
    const most = this.x.kind === "year" || this.kind !== "bars" ? 1000 : MOST_BARS;
    const hidden = Math.max(0, slots.length - most);
    return { slots: slots.slice(0, most), series, sums, hidden, isNumber };
  }

  total(of) {
    return [...(of?.values() ?? [])].reduce((a, b) => a + b, 0);
  }

  value(slot, series) {
    return this.points.sums.get(slot)?.get(series) ?? 0;
  }

  keys() {
    const items = this.points.series.map((name, at) =>
      element("li", {}, drawn("svg", { class: "swatch", width: 14, height: 14, "aria-hidden": "true" }, drawn("rect", { width: 14, height: 14, class: `shade${at}` })), name || "–"),
    );
    return element("ul", { class: "legend" }, ...items);
  }

  says(slot, series) {
    return drawn("title", {}, `${slot}${series ? `, ${series}` : ""}: ${this.number(this.value(slot, series))}`);
  }

  bars() {
    return this.x.kind === "year" || this.x.kind === "date" ? this.columnsDrawn() : this.rowsDrawn();
  }

  columnsDrawn() {
    const { slots, series } = this.points;
    const top = Math.max(1, ...slots.map((slot) => series.reduce((sum, name) => sum + this.value(slot, name), 0)));
    const frame = new Frame(top, this.number);
    const width = frame.width / slots.length;
    const parts = frame.grid();
    slots.forEach((slot, at) => {
      let y = frame.bottom;
      series.forEach((name, shade) => {
        const height = (this.value(slot, name) / top) * frame.height;
        if (height <= 0) return;
        y -= height;
        parts.push(drawn("rect", { class: `shade${shade}`, x: frame.left + at * width, y, width: Math.max(0.5, width * 0.9), height }, this.says(slot, name)));
      });
    });
    parts.push(...frame.labels(slots.map((slot, at) => [frame.left + (at + 0.45) * width, slot])));
    return frame.svg(parts);
  }

  rowsDrawn() {
    const { slots, series } = this.points;
    const top = Math.max(...slots.map((slot) => series.reduce((sum, name) => sum + this.value(slot, name), 0)), 1e-9);
    const names = 260;
    const step = 26;
    const parts = [];
    slots.forEach((slot, at) => {
      let x = names;
      series.forEach((name, shade) => {
        const width = (Math.max(0, this.value(slot, name)) / top) * (WIDTH - names - 90);
        if (width > 0) parts.push(drawn("rect", { class: `shade${shade}`, x, y: at * step + 3, width, height: step - 6 }, this.says(slot, name)));
        x += width;
      });
      const total = series.reduce((sum, name) => sum + this.value(slot, name), 0);
      parts.push(label(names - 8, at * step + 18, clipped(String(slot), 36), "end"), label(x + 6, at * step + 18, this.number(total), "start"));
    });
    return drawn("svg", { viewBox: `0 0 ${WIDTH} ${slots.length * step + 4}` }, ...parts);
  }

  lines() {
    const { slots, series, isNumber } = this.points;
    const values = slots.flatMap((slot) => series.map((name) => this.value(slot, name)));
    const frame = new Frame(Math.max(1e-9, ...values), this.number);
    const [low, high] = isNumber ? [Number(slots[0]), Number(slots.at(-1))] : [0, Math.max(1, slots.length - 1)];
    const x = (slot, at) => frame.left + (((isNumber ? slot : at) - low) / (high - low || 1)) * frame.width;
    const parts = frame.grid();
    series.forEach((name, shade) => {
      const places = slots.map((slot, at) => [x(slot, at), frame.y(this.value(slot, name)), slot]);
      if (this.kind === "lines") parts.push(drawn("polyline", { class: `line${shade}`, points: places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ") }));
      if (this.kind === "points" || places.length <= 60)
        places.forEach(([a, b, slot]) => this.points.sums.get(slot)?.has(name) && parts.push(drawn("circle", { class: `shade${shade}`, cx: a, cy: b, r: 4 }, this.says(slot, name))));
    });
    parts.push(...frame.labels(slots.map((slot, at) => [x(slot, at), slot])));
    return frame.svg(parts);
  }

  data() {
    const { slots, series } = this.points;
    return [[this.x.name, ...series.map((name) => name || this.y?.name || this.words.rows)], ...slots.map((slot) => [slot, ...series.map((name) => this.value(slot, name))])];
  }
}

// Years, or decades or centuries, from the first to the last: those without anything have a place too.
function years(slots) {
  const [first, last] = [Number(slots[0]), Number(slots.at(-1))];
  if (!slots.length || last - first >= 1000) return slots;
  const step = slots.length > 1 ? [100, 10].find((each) => slots.every((slot) => slot % each === 0)) ?? 1 : 1;
  return Array.from({ length: (last - first) / step + 1 }, (_, at) => String(first + at * step).padStart(4, "0"));
}

export class Timeline extends Chart {
  file = "timeline";

  constructor(result, around) {
    super(result, around);
    for (const column of this.columns) if (column.kind === "date") column.kind = "year";
    this.x = this.columns.find(({ kind }) => kind === "year");
    this.usable = this.columns.filter(({ kind }) => kind !== "blank" && kind !== "point");
    this.by ??= this.named(this.columns.filter(({ kind }) => kind === "iri" || kind === "text")) ?? null;
    this.kind = "bars";
  }

  controls() {
    const all = super.controls();
    return [all[2], all[3]];
  }
}

class Frame {
  left = 64;
  bottom = 330;
  height = 310;
  width = WIDTH - 84;

  constructor(top, number) {
    this.step = nice(top / 4);
    if (Number.isInteger(top)) this.step = Math.max(1, this.step); // counts
    this.top = top;
    this.number = number;
  }

  y(value) {
    return this.bottom - (value / this.top) * this.height;
  }

  grid() {
    const parts = [];
    for (let value = 0; value <= this.top; value += this.step) {
      parts.push(drawn("line", { class: "rule", x1: this.left, x2: this.left + this.width, y1: this.y(value), y2: this.y(value) }));
      parts.push(label(this.left - 8, this.y(value) + 4, this.number(value), "end"));
    }
    return parts;
  }

  // Labels below, as many as have room; of years, round ones.
  labels(places) {
    if (places.length > 20 && places.every(([, text]) => /^\d{4}$/.test(text))) {
      const step = [1, 2, 5, 10, 20, 50, 100, 200].find((each) => (places.at(-1)[1] - places[0][1]) / each <= this.width / 56) ?? 500;
      return places.filter(([, text]) => text % step === 0).map(([x, text]) => label(x, this.bottom + 20, text, "middle"));
    }
    const longest = Math.max(1, ...places.map(([, text]) => Math.min(14, String(text).length)));
    const every = Math.ceil(places.length / Math.max(1, Math.floor(this.width / (longest * 8 + 14))));
    return places.filter((_, at) => at % every === 0).map(([x, text]) => label(x, this.bottom + 20, clipped(String(text), 14), "middle"));
  }

  svg(parts) {
    return drawn("svg", { viewBox: `0 0 ${WIDTH} ${this.bottom + 34}` }, ...parts);
  }
}

function nice(step) {
  const size = 10 ** Math.floor(Math.log10(step));
  const found = [1, 2, 5, 10].find((each) => each * size >= step) * size;
  return Math.max(found, 1e-9);
}
