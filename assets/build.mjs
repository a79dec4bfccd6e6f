// Bundles pickers.js with its libraries into the Python package, and their licences beside it.
// Another folder than the package's can be named, to compare what comes out.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";

const folder = process.argv[2] ?? "../sparql_server/web/static";
const LICENCES = {
  "accessible-autocomplete": "LICENSE.txt",
  preact: "LICENSE",
};

await build({
  entryPoints: ["pickers.js"],
  bundle: true,
  minify: true,
  target: "es2020",
  define: { "process.env.COMPONENT_LIBRARY": '"PREACT"' },
  loader: { ".js": "jsx" },
  legalComments: "none",
  banner: { js: "/* Built from assets/ by `make assets`; licences in pickers.LICENSES.txt. */" },
  outfile: `${folder}/pickers.js`,
});
let texts = "";
for (const [name, file] of Object.entries(LICENCES)) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  texts += `${name} ${version}\n\n${await readFile(`node_modules/${name}/${file}`, "utf8")}\n`;
}
await writeFile(`${folder}/pickers.LICENSES.txt`, texts);
