// Says which of the files it is given lose or change tokens when they are formatted, or are
// formatted otherwise a second time.
import { readFileSync } from "node:fs";
import { format } from "./format.js";
import { tokens } from "./tokens.js";

const said = (text) => JSON.stringify(tokens(text).map((token) => token.text.trimEnd()));

for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, "utf8");
  const onOneLine = text.replace(/#[^\n]*/g, "").replace(/\s+/g, " ");
  for (const query of [text, onOneLine]) {
    const laid = format(query);
    if (said(laid) !== said(query)) console.log(path, "tokens changed");
    if (format(laid) !== laid) console.log(path, "not the same again");
  }
}
