// Lays a query out anew: a line for each statement, two places for each level. Tokens stay as they
// are, and in order; only the white space between them changes.
import { tokens } from "./tokens.js";

const LINES = new Set(["PREFIX", "BASE", "SELECT", "CONSTRUCT", "ASK", "DESCRIBE", "FROM", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES"]);
const STATEMENTS = new Set(["OPTIONAL", "FILTER", "BIND", "VALUES", "MINUS", "GRAPH", "SERVICE", "SELECT", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET"]);
const SHORT = 60; // characters of a group that stays on one line
const STEP = "  ";

class Writer {
  constructor() {
    this.text = "";
    this.depth = 0;
  }

  line(extra = 0) {
    this.text = this.text.replace(/[ ]+$/, "");
    if (this.text && !this.text.endsWith("\n")) this.text += "\n";
    this.indent = STEP.repeat(Math.max(0, this.depth + extra));
  }

  put(text, spaced) {
    if (this.text === "" || this.text.endsWith("\n")) this.text += this.indent ?? "";
    else if (spaced) this.text += " ";
    this.text += text;
  }
}

export function format(text) {
  const list = tokens(text);
  const writer = new Writer();
  const frames = [];
  let extra = 0; // whether a subject's further properties are being written
  list.forEach((token, at) => {
    const before = list[at - 1];
    const upper = token.kind === "word" ? token.text.toUpperCase() : "";
    const frame = frames.at(-1);
    if (token.kind === "comment") return comment(writer, token, before, text, extra);
    if (before?.kind === "comment") writer.line(extra);
    if (begins(upper, token, before, frame)) {
      extra = 0;
      writer.line();
      if (!frame && before?.kind === "iri" && !/^(PREFIX|BASE|FROM)$/.test(upper)) writer.text += "\n";
    }
    if (token.text === "}" && frame) {
      frames.pop();
      if (!frame.flat) {
        writer.depth -= 1;
        extra = frame.extra;
        writer.line();
      }
      writer.put("}", true);
      return;
    }
    writer.put(token.text, spaced(text, token, before));
    if (token.text === "{") {
      const flat = frame?.flat || isFlat(list, at);
      frames.push({ flat, extra });
      if (flat) return;
      writer.depth += 1;
      extra = 0;
      writer.line();
    } else if (token.text === "(") frames.push({ flat: true, round: true, extra });
    else if (token.text === "[") frames.push({ flat: true, round: true, extra });
    else if ((token.text === ")" || token.text === "]") && frame?.round) frames.pop();
    else if (!frame?.flat && frame && token.kind === "sign" && (token.text === ";" || token.text === ".")) {
      extra = token.text === ";" ? 1 : 0;
      if (list[at + 1]?.kind !== "comment" || text.slice(token.to, list[at + 1].from).includes("\n")) writer.line(extra);
    }
  });
  return `${writer.text.trim()}\n`;
}

function comment(writer, token, before, text, extra) {
  const own = !before || text.slice(before.to, token.from).includes("\n");
  if (own) writer.line(extra);
  writer.put(token.text.trimEnd(), true);
  writer.text += "\n";
  writer.indent = STEP.repeat(writer.depth + extra);
}

// Whether a token begins a line of its own.
function begins(upper, token, before, frame) {
  if (!before) return true;
  if (frame?.flat) return false;
  if (!frame) return LINES.has(upper) || (before.text === "}" && token.text !== "{" && upper !== "");
  if (token.text === "UNION" || before.text.toUpperCase() === "UNION") return false;
  if (STATEMENTS.has(upper)) return before.text.toUpperCase() !== "NOT";
  return before.text === "}" && token.text !== "." && upper !== "UNION";
}

// Whether a group stays on the line: a short one, without another one or a comment in it.
function isFlat(list, at) {
  let length = 0;
  for (const token of list.slice(at + 1)) {
    if (token.text === "}") return length <= SHORT && before(list, at);
    if (token.text === "{" || token.kind === "comment" || token.text === ";") return false;
    length += token.text.length + 1;
    if (length > SHORT) return false;
  }
  return false;
}

// The pattern of the query itself always has lines of its own.
function before(list, at) {
  const previous = list[at - 1]?.text.toUpperCase();
  return previous !== "WHERE" && at > 0 && previous !== "}" && list.slice(0, at).some((token) => token.text === "{");
}

function spaced(text, token, before) {
  if (!before) return false;
  const touching = before.to === token.from;
  if (/^[;.]$/.test(token.text)) return !touching || token.text === ";";
  if (token.text === ",") return false;
  return !touching || before.text === "," || before.text === "{" || token.text === "}" || token.text === "{" ;
}
