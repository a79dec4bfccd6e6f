// Returns the source of workbench/world.js: outlines of countries, projected and rounded, out of
// Natural Earth by way of world-atlas. A point of a map is placed by the same projection.
import { geoEquirectangular, geoPath } from "d3-geo";
import { readFile } from "node:fs/promises";
import { feature } from "topojson-client";

const WIDTH = 1000;
const SCALE = WIDTH / (2 * Math.PI);
const NORTH = 83.7; // degrees; nothing is north of it
const TOP = (NORTH * Math.PI * SCALE) / 180;

export async function world() {
  const atlas = JSON.parse(await readFile("node_modules/world-atlas/countries-110m.json", "utf8"));
  const projection = geoEquirectangular().scale(SCALE).translate([WIDTH / 2, TOP]).precision(0);
  const path = geoPath(projection).digits(0);
  const shapes = {};
  for (const country of feature(atlas, atlas.objects.countries).features) {
    if (country.id === "010") continue; // Antarctica
    const outline = path(country)?.replace(/(?<=[ML])(-?\d+),(-?\d+)/g, "$1 $2");
    shapes[country.id ?? country.properties.name] = [country.properties.name, relative(outline)];
  }
  return `export const WORLD = ${JSON.stringify(shapes)};
export const project = (east, north) => [${WIDTH / 2} + (east * ${WIDTH}) / 360, ${TOP.toFixed(1)} - (north * ${WIDTH}) / 360];
`;
}

// Steps from point to point are shorter than places, and those that lead nowhere are left out.
function relative(outline) {
  return outline
    .split("Z")
    .filter(Boolean)
    .map((ring) => {
      const points = ring.slice(1).split("L").map((point) => point.split(" ").map(Number));
      const moves = points.slice(1).map(([x, y], at) => [x - points[at][0], y - points[at][1]]);
      const steps = moves.filter(([x, y]) => x || y).map(([x, y]) => `${x}${y < 0 ? "" : " "}${y}`);
      return steps.length > 1 ? `M${points[0].join(" ")}l${steps.join(" ").replaceAll(" -", "-")}z` : "";
    })
    .join("");
}
