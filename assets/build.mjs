// Bundles the pages' scripts with their libraries into the Python package, and their licences
// beside them. Another folder than the package's can be named, to compare what comes out.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { world } from "./world.mjs";

const folder = process.argv[2] ?? "../sparql_server/web/static";
const BANNER = (name) => ({
  js: `/* Built from assets/ by \`make assets\`; licences in ${name}.LICENSES.txt. */`,
});
const COMMON = { bundle: true, minify: true, legalComments: "none" };

async function licences(name, packages) {
  let texts = "";
  for (const [library, file] of Object.entries(packages)) {
    const { version } = JSON.parse(await readFile(`node_modules/${library}/package.json`, "utf8"));
    texts += `${library} ${version}\n\n${await readFile(`node_modules/${library}/${file}`, "utf8")}\n`;
  }
  await writeFile(`${folder}/${name}.LICENSES.txt`, texts);
}

const generated = {
  name: "generated",
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/world\.js$/ }, () => ({ path: "world", namespace: "world" }));
    bundle.onLoad({ filter: /.*/, namespace: "world" }, async () => ({ contents: await world() }));
  },
};

await build({
  ...COMMON,
  entryPoints: ["pickers.js"],
  target: "es2020",
  define: { "process.env.COMPONENT_LIBRARY": '"PREACT"' },
  loader: { ".js": "jsx" },
  banner: BANNER("pickers"),
  outfile: `${folder}/pickers.js`,
});
await licences("pickers", { "accessible-autocomplete": "LICENSE.txt", preact: "LICENSE" });

// Figures are a file of their own, which is fetched when a result can have one.
await build({
  ...COMMON,
  entryPoints: { workbench: "workbench/main.js" },
  format: "esm",
  target: "es2022",
  external: ["./figures.js"],
  alias: { "style-mod": "./workbench/styles.js" },
  banner: BANNER("workbench"),
  outdir: folder,
});
await build({
  ...COMMON,
  entryPoints: { figures: "workbench/figures.js" },
  format: "esm",
  target: "es2022",
  plugins: [generated],
  banner: BANNER("workbench"),
  outdir: folder,
});
await licences("workbench", {
  "@codemirror/autocomplete": "LICENSE",
  "@codemirror/commands": "LICENSE",
  "@codemirror/language": "LICENSE",
  "@codemirror/lint": "LICENSE",
  "@codemirror/search": "LICENSE",
  "@codemirror/state": "LICENSE",
  "@codemirror/view": "LICENSE",
  "@lezer/common": "LICENSE",
  "@marijn/find-cluster-break": "LICENSE",
  "@lezer/highlight": "LICENSE",
  crelt: "LICENSE",
  "d3-dispatch": "LICENSE",
  "d3-force": "LICENSE",
  "d3-quadtree": "LICENSE",
  "d3-timer": "LICENSE",
  "style-mod": "LICENSE",
  "w3c-keyname": "LICENSE",
  "world-atlas": "LICENSE",
});
