// What a place in a query is for: which part of which triple, and what is known of its terms.
// Queries are read while they are written, so nothing here fails on what is unfinished.
import { tokens } from "./tokens.js";
import { expanded } from "./terms.js";

const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const TERMS = new Set(["variable", "iri", "name", "blank", "string", "number"]);
const CLAUSES = new Set(["SELECT", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FROM", "ASK", "DESCRIBE", "CONSTRUCT"]);
const EXPRESSIONS = new Set(["FILTER", "HAVING", "BIND"]);

// Returns the prefixes that a query declares itself, prefix to namespace.
export function declared(list) {
  const found = {};
  list.forEach((token, at) => {
    if (token.kind !== "word" || token.text.toUpperCase() !== "PREFIX") return;
    const [name, iri] = [list[at + 1], list[at + 2]];
    if (name?.kind === "name" && iri?.kind === "iri") found[name.text.slice(0, -1)] = iri.text.slice(1, -1);
  });
  return found;
}

class Reader {
  constructor() {
    this.triples = [];
    this.variables = new Set();
    this.frames = [{ kind: "query", slot: "clause" }];
    this.blanks = 0;
    this.terms = []; // those that stand for properties and classes: {token, isClass}
  }

  get frame() {
    return this.frames.at(-1);
  }

  read(token) {
    if (token.kind === "comment") return;
    this.token = token;
    if (token.kind === "variable") this.variables.add(`?${token.text.slice(1)}`);
    if (token.kind === "sign") this.sign(token.text);
    else if (token.kind === "word") this.word(token.text);
    else if (TERMS.has(token.kind)) this.term(token.text);
    this.last = token;
  }

  sign(text) {
    const frame = this.frame;
    if (text === "{") this.open(frame);
    else if (text === "}") this.close("group");
    else if (text === "(") this.parenthesis(frame);
    else if (text === ")") this.close("parenthesis");
    else if (text === "[") this.frames.push({ kind: "blank", slot: "verb", path: [], subject: `_:${(this.blanks += 1)}` });
    else if (text === "]") {
      const closed = this.close("blank");
      if (closed) this.term(closed.subject);
    } else if (frame.kind === "group" || frame.kind === "blank") this.punctuation(frame, text);
    else if (frame.kind === "path") this.frames.at(-2).path.push(text);
  }

  open(frame) {
    if (frame.values) {
      const variables = frame.values;
      frame.values = null;
      this.frames.push({ kind: "values", variables, slot: "values" });
    } else this.frames.push({ kind: "group", slot: "subject", path: [] });
  }

  parenthesis(frame) {
    const inGroup = frame.kind === "group" || frame.kind === "blank";
    if (inGroup && frame.slot === "verb" && this.opensPath(frame)) {
      frame.path.push("(");
      this.frames.push({ kind: "path", slot: "verb" });
    } else if (frame.values || frame.kind === "values") this.frames.push({ ...frame, kind: frame.kind === "values" ? "values" : "list", slot: "values" });
    else this.frames.push({ kind: "expression", slot: "expression" });
  }

  opensPath(frame) {
    return frame.path.length === 0 || /^[/|^!]$/.test(frame.path.at(-1)) || this.last?.text === "(";
  }

  close(kind) {
    const closing = { group: ["group", "values"], parenthesis: ["expression", "path", "list", "values"], blank: ["blank"] }[kind];
    if (this.frames.length < 2 || !closing.includes(this.frame.kind)) return null;
    const frame = this.frames.pop();
    const outer = this.frame;
    if (frame.kind === "path") outer.path.push(")");
    else if (frame.kind === "list") outer.values = [...this.variables].slice(-1);
    else if (kind === "group" && outer.kind === "query") outer.slot = "clause";
    else if (kind === "group") outer.slot = "subject";
    else if (frame.kind === "expression" && outer.slot === "filter") outer.slot = "subject";
    return frame;
  }

  punctuation(frame, text) {
    if (frame.slot === "verb" && /^[/|^!*+?]$/.test(text)) frame.path.push(text);
    else if (text === "." && frame.kind === "group") Object.assign(frame, { slot: "subject", path: [] });
    else if (text === ";") Object.assign(frame, { slot: "verb", path: [] });
    else if (text === "," && frame.slot === "after") frame.slot = "object";
  }

  word(text) {
    const frame = this.frame;
    const upper = text.toUpperCase();
    if (frame.kind === "query" || frame.slot === "clause") {
      if (upper === "VALUES") frame.values = [];
      return;
    }
    if (frame.slot === "verb" && text === "a") return void this.verb(frame, text);
    if (frame.kind !== "group") return;
    if (CLAUSES.has(upper)) frame.slot = "clause";
    else if (EXPRESSIONS.has(upper)) frame.slot = "filter";
    else if (upper === "GRAPH" || upper === "SERVICE") frame.slot = "graph";
    else if (upper === "VALUES") Object.assign(frame, { slot: "subject", values: [] });
    else if (frame.slot === "object") this.term(text); // true, false
    else if (frame.slot === "after") frame.slot = "subject";
  }

  verb(frame, text) {
    this.note(false);
    frame.path.push(text);
    frame.slot = "verb";
  }

  note(isClass) {
    if (this.token.kind === "name" || this.token.kind === "iri") this.terms.push({ token: this.token, isClass });
  }

  term(text) {
    const frame = this.frame;
    if (frame.values && text[0] !== "<") frame.values.push(text);
    else if (frame.kind === "path") {
      this.note(false);
      this.frames.at(-2).path.push(text);
    } else if (frame.kind !== "group" && frame.kind !== "blank") return;
    else if (frame.slot === "graph") frame.slot = "subject";
    else if (frame.slot === "subject" || frame.slot === "after") Object.assign(frame, { subject: text, slot: "verb", path: [] });
    else if (frame.slot === "verb" && this.opensPath(frame)) this.verb(frame, text);
    else if (frame.slot === "verb" || frame.slot === "object") {
      if (frame.path.length === 1 && frame.path[0] === "a") this.note(true);
      this.triples.push({ subject: frame.subject, path: frame.path, object: text });
      frame.slot = "after";
    }
  }
}

// Returns {slot, subject, path, prefixes, variables, triples, values, from, written} of a place.
// slot: clause, subject, verb, object, after, expression, filter, values. from: where what is being
// written begins; written: it.
export function contextAt(text, place, prefixes) {
  const list = tokens(text);
  const under = list.find((token) => token.from < place && place <= token.to && token.kind !== "sign");
  const own = under && under.kind !== "comment" ? under : null;
  const from = own ? own.from : place;
  const reader = new Reader();
  let state = null;
  for (const token of list) {
    if (state === null && token.from >= from) state = snapshot(reader);
    if (token !== own || token.kind !== "word") reader.read(token);
  }
  state ??= snapshot(reader);
  const known = { ...prefixes, ...declared(list) };
  return {
    ...state,
    from,
    written: text.slice(from, place),
    inComment: under?.kind === "comment",
    prefixes: known,
    variables: [...reader.variables],
    triples: reader.triples.map((triple) => resolved(triple, known)),
  };
}

// Returns the tokens of a query that stand for properties and classes, and the prefixes known in it.
export function termsOf(text, prefixes) {
  const list = tokens(text);
  const reader = new Reader();
  list.forEach((token) => reader.read(token));
  return { terms: reader.terms, known: { ...prefixes, ...declared(list) } };
}

function snapshot(reader) {
  const { slot, subject, path, kind, variables } = reader.frame;
  const step = slot === "verb" && path?.length && !reader.opensPath(reader.frame);
  return {
    kind,
    slot: step ? "object" : slot,
    subject,
    path: [...(path ?? [])],
    valuesOf: variables ?? [],
    last: reader.last,
  };
}

function resolved({ subject, path, object }, prefixes) {
  return { subject, object, steps: steps(path, prefixes), objectIri: /^[?$_"']/.test(object) ? null : expanded(object, prefixes) };
}

// Returns the IRIs of the steps of a path that goes only forward, one after the other; else null.
export function steps(path, prefixes) {
  const found = [];
  for (const part of path) {
    if (part === "/" || /^[*+?()]$/.test(part)) continue;
    if (/^[|^!]$/.test(part)) return null;
    found.push(part === "a" ? RDF_TYPE : expanded(part, prefixes));
  }
  return found.includes(null) ? null : found;
}

export { RDF_TYPE };
