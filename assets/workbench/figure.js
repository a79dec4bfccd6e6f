// What all figures of a result have: its rows, names of its terms, and files of what is drawn.
import { button, drawn, element, save } from "./elements.js";
import { columnsOf } from "./results.js";
import { toPng, toSvg } from "./saving.js";
import { shortened } from "./terms.js";

const MOST_ROWS = 20_000; // rows that a figure is drawn after
export const WIDTH = 900;

export class Figure {
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

export function label(x, y, text, anchor) {
  return drawn("text", { class: "text", x, y, "text-anchor": anchor }, text);
}

export function clipped(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
