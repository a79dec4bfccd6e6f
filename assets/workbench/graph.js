// A graph of triples, or of the things in two columns of a result.
import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
import { drawn } from "./elements.js";
import { clipped, Figure } from "./figure.js";

const MOST_NODES = 150;
const TICKS = 250;

export class Graph extends Figure {
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
