// Stands in for style-mod: its sheets are adopted by the document, as a strict
// Content-Security-Policy lets scripts do; elements of style it would block.
import { StyleModule as Module } from "../node_modules/style-mod/src/style-mod.js";

const sheets = new Map();

export class StyleModule extends Module {
  static mount(root, modules) {
    const document = root.ownerDocument ?? root;
    const list = Array.isArray(modules) ? modules : [modules];
    const wanted = list.map(sheetOf);
    const others = document.adoptedStyleSheets.filter((sheet) => !wanted.includes(sheet));
    document.adoptedStyleSheets = [...others, ...wanted];
  }
}

function sheetOf(module) {
  let sheet = sheets.get(module);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(module.getRules());
    sheets.set(module, sheet);
  }
  return sheet;
}
