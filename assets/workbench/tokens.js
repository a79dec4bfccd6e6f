// The tokens of a SPARQL query, finished or not: what completion, formatting and folding read.
// https://www.w3.org/TR/sparql11-query/#sparqlGrammar

const NAME = String.raw`[\p{L}_][\p{L}\p{N}_\-·]*`;
const PART = String.raw`(?:[\p{L}\p{N}_:\-·]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])`;
const KINDS = [
  ["space", String.raw`\s+`],
  ["comment", String.raw`#[^\n]*`],
  ["string", String.raw`"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?`],
  ["iri", String.raw`<[^<>"{}|^${"`"}\\\s]*>`],
  ["variable", String.raw`[?$][\p{L}\p{N}_]+`],
  ["blank", String.raw`_:[\p{L}\p{N}_]+(?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_\-])?`],
  ["name", String.raw`(?:[\p{L}](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_\-])?)?:(?:${PART}(?:(?:${PART}|\.)*${PART})?)?`],
  ["language", String.raw`@[A-Za-z]+(?:-[A-Za-z0-9]+)*`],
  ["number", String.raw`\d*\.?\d+(?:[eE][+-]?\d+)?`],
  ["word", NAME],
  ["sign", String.raw`\^\^|&&|\|\||<=|>=|!=|[^]`],
];
const TOKEN = new RegExp(KINDS.map(([kind, form]) => `(?<${kind}>${form})`).join("|"), "gu");

// Returns the tokens of a text, {kind, text, from, to}; white space only where it is asked for.
export function tokens(text, spaces = false) {
  const list = [];
  for (const match of text.matchAll(TOKEN)) {
    const kind = KINDS.find(([name]) => match.groups[name] !== undefined)[0];
    if (kind === "space" && !spaces) continue;
    list.push({ kind, text: match[0], from: match.index, to: match.index + match[0].length });
  }
  return list;
}

// Returns the token that reaches over a place, or ends at it.
export function tokenAt(text, place) {
  return tokens(text).find((token) => token.from <= place && place <= token.to);
}
