// Figures of a result: chart, timeline, graph, map. Loaded when somebody wants one.
import { Chart, Timeline } from "./chart.js";
import { Graph } from "./graph.js";
import { coordinates, WorldMap } from "./map.js";
import { columnsOf } from "./results.js";

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
  const figure = new { chart: Chart, timeline: Timeline, graph: Graph, map: WorldMap }[kind](result, around);
  figure.place = place;
  await figure.show();
}
