// A map of countries and of points, on an outline that is the page's own.
import { countryOf } from "./countries.js";
import { choice, drawn, element } from "./elements.js";
import { Figure } from "./figure.js";
import { project, WORLD } from "./world.js";

// Returns the columns of longitude and latitude, or null.
export function coordinates(columns) {
  const of = (form) => columns.find(({ name, kind }) => kind === "number" && form.test(name));
  const [north, east] = [of(/^(lat|latitude)$/i), of(/^(lon|long|lng|longitude)$/i)];
  return north && east ? [east, north] : null;
}

export class WorldMap extends Figure {
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
      if (value) shape.setAttribute("fill-opacity", opacity(value, top));
      return shape;
    });
    const points = this.points().map(([x, y, text]) => drawn("circle", { class: "shade1", cx: x, cy: y, r: 4 }, drawn("title", {}, text)));
    const measures = this.columns.filter(({ kind }) => kind === "number").map((each) => [String(each.at), each.name]);
    const control = this.country ? [choice("y", [["", this.words.rows], ...measures], this.measure ? String(this.measure.at) : "", (value) => ((this.measure = this.columns[value] ?? null), this.show()))] : [];
    this.sums = counted.sums;
    this.legend = counted.sums.size > 1 ? this.keys(top) : null;
    this.put(drawn("svg", { viewBox: "0 0 1000 392", class: "map" }, ...shapes, ...points), `${this.words.map}: ${this.measure?.name ?? this.words.rows}`, control, [
      counted.missing && this.words.nowhere.replace("{count}", this.number(counted.missing)),
    ]);
  }

  // What the shades stand for: from the largest value down to the smallest.
  keys(top) {
    const least = Math.min(...this.sums.values());
    const steps = [top, top / 4, top / 16].map((value) => (Number.isInteger(top) ? Math.round(value) : value)).filter((value) => value > least);
    const items = [...new Set([...steps, least])].map((value) => {
      const shade = drawn("rect", { width: 14, height: 14, class: "shade0", "fill-opacity": opacity(value, top) });
      return element("li", {}, drawn("svg", { class: "swatch", width: 14, height: 14, "aria-hidden": "true" }, shade), this.number(value));
    });
    return element("ul", { class: "legend" }, ...items);
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

function opacity(value, top) {
  return (0.2 + 0.8 * Math.sqrt(Math.max(0, value) / top)).toFixed(2);
}
