// Figures of a result: chart, timeline, graph, map. Loaded when somebody wants one.
import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
import { countryOf } from "./countries.js";
import { button, choice, drawn, element, save } from "./elements.js";
import { columnsOf } from "./results.js";
import { shortened } from "./terms.js";
import { toPng, toSvg } from "./saving.js";
import { project, WORLD } from "./world.js";

const MOST_ROWS = 20_000; // rows that a figure is drawn after
const MOST_BARS = 120;
const MOST_SERIES = 8;
const MOST_NODES = 150;
const TICKS = 250;
const WIDTH = 900;

// Returns the kinds of figures that a result can have.
export function kindsOf(result) {
  if (result.boolean !== null || !result.size) return [];
  if (result.isGraph) return ["graph"];
  const columns = columnsOf(result);
  const has = (...kinds) => columns.some(({ kind }) => kinds.includes(kind));
  const kinds = [];
  if (columns.some(({ kind }) => kind !== "blank" && kind !== "point")) kinds.push("chart");
  if (has("year", "date")) kinds.push("timeline");
  if (columns.filter(({ kind }) => kind === "iri" || kind === "blank" || kind === "country").length > 1) kinds.push("graph");
  if (has("country", "point") || coordinates(columns)) kinds.push("map");
  return kinds;
}

// Draws a figure of a kind into a place. around: {words, labels, prefixes}.
export async function draw(kind, result, place, around) {
  const figure = new { chart: Chart, timeline: Timeline, graph: Graph, map: Map_ }[kind](result, around);
  figure.place = place;
  await figure.show();
}

class Figure {
  constructor(result, around) {
    Object.assign(this, around);
    this.result = result;
    this.columns = columnsOf(result);
    this.number = (value) => value.toLocaleString(this.words.language);
  }

  get rows() {
    const rows = [];
    for (let row = 0; row < Math.min(this.result.size, MOST_ROWS); row += 1) rows.push(this.result.row(row));
    return rows;
  }

  name(term) {
    if (!term) return "";
    if (term.type !== "iri") return term.value;
    return this.labels.of(term.value) || shortened(term.value, this.prefixes) || term.value;
  }

  put(svg, caption, controls, notes = []) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", caption);
    const name = `${this.file}`;
    const downloads = element(
      "p",
      { class: "together downloads" },
      button("SVG", () => save(`${name}.svg`, toSvg(svg), "image/svg+xml")),
      button("PNG", async () => save(`${name}.png`, await toPng(svg), "image/png")),
      button(this.words.data, () => save(`${name}.csv`, this.csv(), "text/csv")),
    );
    const parts = notes.filter(Boolean).map((note) => element("p", { class: "quiet" }, note));
    if (this.result.size > MOST_ROWS) parts.push(element("p", { class: "quiet" }, this.words.drawn_part.replace("{count}", this.number(MOST_ROWS))));
    const region = element("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": caption }, svg);
    const caps = element("figcaption", {}, element("span", {}, caption), element("span", { class: "controls" }, ...controls));
    this.place.replaceChildren(element("figure", { class: "chart" }, caps, this.legend ?? "", region, ...parts, downloads));
  }

  csv() {
    const quoted = (value) => (/[",\n\r]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
    return this.data().map((row) => row.map(quoted).join(",")).join("\r\n");
  }
}

// Chart

class Chart extends Figure {
  file = "chart";

  constructor(result, around) {
    super(result, around);
    const usable = this.columns.filter(({ kind }) => kind !== "blank" && kind !== "point");
    const measures = this.columns.filter(({ kind }) => kind === "number");
    const times = usable.filter(({ kind }) => kind === "year" || kind === "date");
    const words = usable.filter(({ kind }) => ["iri", "country", "text"].includes(kind));
    this.x = times[0] ?? words[0] ?? usable[0];
    this.y = measures.filter((column) => column !== this.x).at(-1) ?? null;
    this.by = times[0] ? (this.named(words) ?? null) : null;
    this.usable = usable;
    this.measures = measures;
    this.kind = this.isFull() ? "lines" : "bars";
  }

  // Of columns of words, one that has few enough values for colours.
  named(words) {
    return words.find((column) => this.values(column).size <= 30 && this.values(column).size > 1);
  }

  // Whether there are many years, with something in most of them: lines don't fall to nothing then.
  isFull() {
    if (this.x.kind !== "year") return false;
    const found = [...this.values(this.x)].filter(Boolean).map(Number);
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
    return this.x.kind === "date" ? (term?.value.slice(0, 10) ?? "") : this.name(term);
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

// Years from the first to the last: those without anything have a place too.
function years(slots) {
  const [first, last] = [Number(slots[0]), Number(slots.at(-1))];
  return slots.length && last - first < 1000 ? Array.from({ length: last - first + 1 }, (_, at) => String(first + at).padStart(4, "0")) : slots;
}

class Timeline extends Chart {
  file = "timeline";

  constructor(result, around) {
    super(result, around);
    for (const column of this.columns) if (column.kind === "date") column.kind = "year";
    this.x = this.columns.find(({ kind }) => kind === "year");
    this.usable = this.columns.filter(({ kind }) => kind !== "blank" && kind !== "point");
    this.by ??= this.named(this.columns.filter(({ kind }) => kind === "iri" || kind === "text")) ?? null;
    this.kind = "bars";
  }

  slot(term) {
    return this.x.kind === "year" ? (term?.value.slice(0, 4) ?? "") : super.slot(term);
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

function label(x, y, text, anchor) {
  return drawn("text", { class: "text", x, y, "text-anchor": anchor }, text);
}

function clipped(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// Graph

class Graph extends Figure {
  file = "graph";

  async show() {
    const { nodes, links, hidden } = this.read();
    await this.labels.fetch([...nodes.filter(({ term }) => term.type === "iri").map(({ term }) => term.value), ...links.map((link) => link.iri).filter(Boolean)].slice(0, 240));
    nodes.forEach((node) => (node.text = this.name(node.term)));
    const simulation = forceSimulation(nodes)
      .force("link", forceLink(links).id((node) => node.id).distance(90))
      .force("charge", forceManyBody().strength(-260))
      .force("apart", forceCollide(22))
      .force("centre", forceCenter(0, 0))
      .force("x", forceX().strength(0.05))
      .force("y", forceY().strength(0.09))
      .stop();
    simulation.tick(TICKS);
    this.links = links;
    this.put(this.picture(nodes, links), this.words.graph, [], [hidden && this.words.graph_part.replace("{count}", this.number(nodes.length))]);
  }

  read() {
    const nodes = new Map();
    const links = [];
    let hidden = false;
    for (const [from, verb, to] of this.statements()) {
      if (!from || !to) continue;
      const ends = [from, to].map((term) => {
        const id = `${term.type} ${term.value} ${term.type === "literal" ? links.length : ""}`;
        if (!nodes.has(id) && nodes.size < MOST_NODES) nodes.set(id, { id, term });
        return nodes.has(id) ? id : null;
      });
      if (ends.includes(null)) hidden = true;
      else links.push({ source: ends[0], target: ends[1], iri: verb?.type === "iri" ? verb.value : "", text: verb });
    }
    return { nodes: [...nodes.values()], links, hidden };
  }

  statements() {
    if (this.result.isGraph) return this.rows;
    const ends = this.columns.filter(({ kind }) => ["iri", "blank", "country"].includes(kind));
    if (ends.length > 2 && ends[1].at === ends[0].at + 1 && ends[2].at === ends[1].at + 1 && this.columns.length === 3) return this.rows;
    return this.rows.map((row) => [row[ends[0].at], { type: "literal", value: "" }, row[ends[1].at]]);
  }

  picture(nodes, links) {
    const xs = nodes.map(({ x }) => x);
    const ys = nodes.map(({ y }) => y);
    const box = [Math.min(...xs) - 90, Math.min(...ys) - 30, Math.max(...xs) - Math.min(...xs) + 180, Math.max(...ys) - Math.min(...ys) + 60];
    const lines = links.map(({ source, target, text }) =>
      drawn("g", {}, drawn("line", { class: "edge", x1: source.x, y1: source.y, x2: target.x, y2: target.y }, drawn("title", {}, this.name(text))),
        links.length <= 24 ? drawn("text", { class: "text faint", x: (source.x + target.x) / 2, y: (source.y + target.y) / 2 - 3, "text-anchor": "middle" }, clipped(this.name(text), 18)) : ""),
    );
    const dots = nodes.map(({ x, y, term, text }) =>
      drawn("g", {}, drawn("circle", { class: term.type === "literal" ? "shadex" : term.type === "blank" ? "shade3" : "shade0", cx: x, cy: y, r: term.type === "literal" ? 4 : 7 }, drawn("title", {}, term.value)),
        drawn("text", { class: "text", x, y: y - 11, "text-anchor": "middle" }, clipped(text.startsWith("_:") ? "" : text, 26))),
    );
    return drawn("svg", { viewBox: box.map((each) => each.toFixed(0)).join(" "), class: "graph" }, ...lines, ...dots);
  }

  data() {
    return [["from", "property", "to"], ...this.links.map(({ source, target, text }) => [source.term.value, text?.value ?? "", target.term.value])];
  }
}

// Map

function coordinates(columns) {
  const of = (form) => columns.find(({ name, kind }) => kind === "number" && form.test(name));
  const [north, east] = [of(/^(lat|latitude)$/i), of(/^(lon|long|lng|longitude)$/i)];
  return north && east ? [east, north] : null;
}

class Map_ extends Figure {
  file = "map";

  async show() {
    this.country = this.columns.find(({ kind }) => kind === "country");
    this.measure ??= this.columns.filter(({ kind }) => kind === "number").at(-1) ?? null;
    if (this.country) await this.labels.fetch([...new Set(this.rows.map((row) => row[this.country.at]?.value).filter(Boolean))].slice(0, 300));
    const counted = this.country ? this.countries() : { sums: new Map(), missing: 0 };
    const top = Math.max(1e-9, ...counted.sums.values());
    const shapes = Object.entries(WORLD).map(([code, [name, path]]) => {
      const value = counted.sums.get(code);
      const shape = drawn("path", { d: path, class: value ? "shade0" : "land" }, drawn("title", {}, value ? `${this.names.get(code) || name}: ${this.number(value)}` : name));
      if (value) shape.setAttribute("fill-opacity", (0.2 + 0.8 * Math.sqrt(value / top)).toFixed(2));
      return shape;
    });
    const points = this.points().map(([x, y, text]) => drawn("circle", { class: "shade1", cx: x, cy: y, r: 4 }, drawn("title", {}, text)));
    const measures = this.columns.filter(({ kind }) => kind === "number").map((each) => [String(each.at), each.name]);
    const control = this.country ? [choice("y", [["", this.words.rows], ...measures], this.measure ? String(this.measure.at) : "", (value) => ((this.measure = this.columns[value] ?? null), this.show()))] : [];
    this.sums = counted.sums;
    this.put(drawn("svg", { viewBox: "0 0 1000 392", class: "map" }, ...shapes, ...points), `${this.words.map}: ${this.measure?.name ?? this.words.rows}`, control, [
      counted.missing && this.words.nowhere.replace("{count}", this.number(counted.missing)),
    ]);
  }

  countries() {
    const sums = new Map();
    this.names = new Map();
    let missing = 0;
    for (const row of this.rows) {
      const term = row[this.country.at];
      const code = term && countryOf(term.value);
      const value = this.measure ? Number(row[this.measure.at]?.value) : 1;
      if (!term || !Number.isFinite(value)) continue;
      if (code) this.names.set(code, this.labels.of(term.value));
      if (code && WORLD[code]) sums.set(code, (sums.get(code) ?? 0) + value);
      else missing += 1;
    }
    return { sums, missing };
  }

  points() {
    const pair = coordinates(this.columns);
    const wkt = this.columns.find(({ kind }) => kind === "point");
    return this.rows.flatMap((row) => {
      const place = pair ? pair.map(({ at }) => Number(row[at]?.value)) : wkt && row[wkt.at] && /\(\s*(-?[\d.]+)\s+(-?[\d.]+)/.exec(row[wkt.at].value)?.slice(1).map(Number);
      if (!place || !place.every(Number.isFinite)) return [];
      return [[...project(...place), row.filter(Boolean).map((term) => this.name(term)).join(", ")]];
    });
  }

  data() {
    return [["country", this.measure?.name ?? this.words.rows], ...[...this.sums].map(([code, value]) => [this.names.get(code) || WORLD[code][0], value])];
  }
}
