// RDF terms as TSV and N-Triples write them, and the names that IRIs have with prefixes.
// https://www.w3.org/TR/sparql11-results-csv-tsv/, https://www.w3.org/TR/n-triples/

const XSD = "http://www.w3.org/2001/XMLSchema#";
const ESCAPES = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };
const LITERAL = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')(?:@([A-Za-z0-9-]+)|\^\^<(.*)>)?$/s;
const LOCAL = /^(?:[\p{L}\p{N}_]|%[0-9A-Fa-f]{2})(?:[\p{L}\p{N}_-]|%[0-9A-Fa-f]{2})*$/u;

function unescaped(text) {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs, (_, four, eight, sign) =>
    sign ? (ESCAPES[sign] ?? sign) : String.fromCodePoint(parseInt(four ?? eight, 16)),
  );
}

// Returns {type: "iri" | "blank" | "literal", value, language?, datatype?}; null where nothing is.
export function readTerm(text) {
  if (!text) return null;
  if (text[0] === "<") return { type: "iri", value: unescaped(text.slice(1, -1)) };
  if (text.startsWith("_:")) return { type: "blank", value: text };
  const match = LITERAL.exec(text);
  if (!match) return { type: "literal", value: text, datatype: numberType(text) };
  const term = { type: "literal", value: unescaped(match[1] ?? match[2] ?? "") };
  if (match[3]) term.language = match[3];
  else if (match[4]) term.datatype = match[4];
  return term;
}

function numberType(text) {
  if (text === "true" || text === "false") return `${XSD}boolean`;
  return `${XSD}${/[eE]/.test(text) ? "double" : text.includes(".") ? "decimal" : "integer"}`;
}

const STATEMENT = /^(<[^>]*>|_:\S+)\s+(<[^>]*>)\s+(.*?)\s*\.\s*$/s;

// Returns the three terms of a line of N-Triples as they are written, or null.
export function readTriple(line) {
  const match = STATEMENT.exec(line);
  return match ? match.slice(1, 4) : null;
}

// Returns an IRI with a prefix where one of these fits, prefix to namespace; null otherwise.
export function shortened(iri, prefixes) {
  let best = null;
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    if (!iri.startsWith(namespace) || !LOCAL.test(iri.slice(namespace.length))) continue;
    if (best === null || namespace.length > prefixes[best].length) best = prefix;
    else if (namespace.length === prefixes[best].length && prefix.length < best.length) best = prefix;
  }
  return best === null ? null : `${best}:${iri.slice(prefixes[best].length)}`;
}

// Returns the IRI that a name with a prefix, or an IRI in brackets, stands for; null: none known.
export function expanded(text, prefixes) {
  if (text.startsWith("<")) return text.slice(1, -1);
  const colon = text.indexOf(":");
  const namespace = prefixes[text.slice(0, colon)];
  if (colon < 0 || namespace === undefined) return null;
  return namespace + text.slice(colon + 1).replace(/\\(.)/g, "$1");
}
