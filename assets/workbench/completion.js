// Completion: from the schema of the release, from the query itself, and from a search of things.
import { snippet, startCompletion } from "@codemirror/autocomplete";
import { contextAt, RDF_TYPE, steps } from "./context.js";
import { BEGINNINGS, CLAUSES, FUNCTIONS, PATTERNS, WELL_KNOWN } from "./functions.js";
import { shortened } from "./terms.js";
import { tokens } from "./tokens.js";

const KEYWORD = /^(a|true|false|optional|filter|union|minus|bind|values|graph|service|not|exists|in|as|where|select|distinct|from|named|group|order|by|having|limit|offset|describe|construct|ask)$/i;
const AT_LEAST = 2; // letters of a name that things are searched by

// Returns the sources of completions: what is known at once, and things that must be searched.
// words: what it says; around: {schema, search, labels, prefixes}.
export function completionSources(words, around) {
  const placeOf = (request) => {
    const text = request.state.doc.toString();
    const context = contextAt(text, request.pos, around.prefixes);
    const isWanted = !context.inComment && (request.explicit || context.written);
    return isWanted ? new Place(request, context, text, words, around) : null;
  };
  // Told anew at each key, at once: an option that is shown can be picked while things are searched.
  const known = (request) => {
    const place = placeOf(request);
    const options = place?.options();
    return options?.length ? { from: place.context.from, options, update: (_result, _from, _to, later) => known(later) } : null;
  };
  return [
    known,
    async (request) => {
      const place = placeOf(request);
      if (!place) return null;
      request.addEventListener("abort", () => {}, { onDocChange: true });
      const things = await place.things();
      return things?.length ? { from: place.nameFrom, options: things } : null;
    },
  ];
}

class Place {
  constructor(request, context, text, words, around) {
    Object.assign(this, { request, context, text, words, ...around });
    this.language = words.language;
    this.known = context.prefixes;
    this.names = { ...WELL_KNOWN, ...this.schema.prefixes, ...this.known };
  }

  get isEmpty() {
    const rest = this.text.slice(0, this.context.from) + this.text.slice(this.request.pos);
    return rest.replace(/#[^\n]*|PREFIX\s+\S+\s+<[^>]*>/gi, "").trim() === "";
  }

  options() {
    const { slot, written } = this.context;
    if (/^["']/.test(written)) return [];
    if (/^[?$]/.test(written)) return this.variables(99);
    const prefixes = /^[\p{L}]/u.test(written) ? this.prefixNames() : [];
    if (slot === "clause") return this.isEmpty ? this.beginnings() : [...this.variables(5), ...this.clauses(), ...this.functions(0)];
    if (slot === "subject" || slot === "after") return [...this.variables(5), ...this.patterns(), ...prefixes];
    if (slot === "verb") return [...this.verbs(), ...prefixes];
    if (slot === "object") return [...this.objects(), ...prefixes];
    if (slot === "values") return prefixes;
    return [...this.variables(5), ...this.functions(2), ...prefixes];
  }

  // What is asked of the search: things that may stand here, by their names.
  async things() {
    const { slot, path } = this.context;
    const written = this.text.slice(this.nameFrom, this.request.pos);
    const name = written.replace(/^["']|["']$/g, "");
    const quoted = /^["']/.test(written);
    const isDescribed = slot === "clause" && this.context.last?.text.toUpperCase() === "DESCRIBE";
    if (!(isDescribed || ["subject", "object", "values", "after"].includes(slot)) || name.trim().length < AT_LEAST) return [];
    if (!quoted && (/^[?$<_:\d]/.test(name) || name.includes(":") || path.at(-1) === "a")) return [];
    if (!quoted && this.leadsToLiterals()) return [];
    const wanted = () => !this.request.aborted;
    const ofClass = this.wantedClass();
    let hits = await this.search.find(name, ofClass, wanted);
    if (ofClass && hits?.length === 0) hits = await this.search.find(name, undefined, wanted);
    return hits && hits.map((hit, at) => this.thing(hit, hits.length - at));
  }

  // Where the name begins that is being written: words before that mean nothing else belong to it.
  get nameFrom() {
    let { from } = this.context;
    if (!/^[\p{L}\d]/u.test(this.context.written)) return from;
    const before = tokens(this.text).filter(({ to }) => to <= from);
    while (before.length) {
      const token = before.pop();
      const belongs = isPlain(token) || (token.text === "," && isPlain(before.at(-1)));
      if (!belongs || this.text.slice(token.to, from).includes("\n")) break;
      from = token.from;
    }
    return from;
  }

  wantedClass() {
    if (this.context.slot !== "object") return undefined;
    const reached = steps(this.context.path, this.known);
    if (!reached?.length) return undefined;
    const classes = this.schema.reached(this.subjectClasses(), reached);
    return classes.length === 1 ? classes[0] : undefined;
  }

  // Whether it is known that what the path leads to are no things.
  leadsToLiterals() {
    const reached = this.context.slot === "object" ? steps(this.context.path, this.known) : null;
    if (!reached?.length) return false;
    const classes = reached.length > 1 ? this.schema.reached(this.subjectClasses(), reached.slice(0, -1)) : this.subjectClasses();
    const uses = this.schema.ofProperty(classes, reached.at(-1));
    return uses.length > 0 && uses.every(({ values }) => !values?.classes?.length && values?.datatypes?.length);
  }

  thing(hit, rank) {
    this.labels.set(hit.iri, hit.label);
    const count = hit.uses ? ` · ${number(hit.uses, this.language)}` : "";
    const matched = hit.matched && hit.matched !== hit.label ? ` (${hit.matched})` : "";
    return {
      label: `${this.text.slice(this.nameFrom, this.request.pos)} ${hit.label}`, // the search has matched it, in its own way
      displayLabel: hit.label + matched,
      detail: `${[hit.class_label, hit.detail].filter(Boolean).join(", ")}${count}`,
      type: "thing",
      boost: 20 + rank,
      apply: (view, _, from, to) => this.insert(view, from, to, this.term(hit.iri), { comment: hit.label, ends: true }),
    };
  }

  term(iri) {
    return shortened(iri, this.names) ?? `<${iri}>`;
  }

  subjectClasses() {
    return this.schema.classesOf(this.context.subject, this.context.triples);
  }

  beginnings() {
    return BEGINNINGS.map(([name, written], at) => ({
      label: this.words[`begin_${name}`],
      detail: written.split(/[\s(]/)[0],
      type: "beginning",
      boost: 50 - at,
      apply: (view, _, from, to) => {
        const place = written.indexOf("{}");
        this.insert(view, from, to, written.replace("{}", ""), { place });
      },
    }));
  }

  variables(boost) {
    const written = this.context.written.replace(/^\$/, "?");
    const proposed = this.context.slot === "object" ? this.proposed() : [];
    const names = [...new Set([...this.context.variables, ...proposed])].filter((name) => name !== written || proposed.includes(name));
    const isBegun = written.startsWith("?");
    return names.map((name) => ({
      label: isBegun ? name : name.slice(1),
      displayLabel: name,
      type: "variable",
      boost: boost + (proposed.includes(name) ? 1 : 0),
      apply: (view, _, from, to) => this.insert(view, from, to, name, { ends: this.context.slot === "object", more: this.context.slot === "subject" ? " " : "" }),
    }));
  }

  // The name that a variable would have after the property that leads to it.
  proposed() {
    const last = steps(this.context.path, this.known)?.at(-1);
    if (!last) return [];
    if (last === RDF_TYPE) return ["?class"];
    const name = last.replace(/^.*[/#:]/, "").replace(/^(has|is)(?=\p{Lu})/u, "");
    return /^\p{L}[\p{L}\d_]*$/u.test(name) ? [`?${name[0].toLowerCase()}${name.slice(1)}`] : [];
  }

  verbs() {
    const { context, schema } = this;
    const before = context.path.length ? steps(context.path, this.known) : [];
    const own = this.subjectClasses();
    const classes = before?.length ? schema.reached(own, before) : own;
    const properties = schema.propertiesOf(classes).filter(([iri]) => iri !== RDF_TYPE);
    const options = properties.map(([iri, count], at) => this.property([iri], count, 40 - Math.min(at, 39)));
    if (!before?.length) options.unshift(this.type(own.length));
    const { written } = context;
    const paths = schema.pathsOf(classes);
    if (written.length >= AT_LEAST + 1) paths.push(...schema.longerPathsOf(classes, written.toLowerCase(), (iri, text) => this.isCalled(iri, text)));
    return [...options, ...paths.map(([path, count], at) => this.property(path, count, -Math.min(1 + at, 98)))];
  }

  isCalled(iri, text) {
    return `${iri.replace(/^.*[/#]/, "")} ${this.schema.label(iri, this.language)}`.toLowerCase().includes(text.replace(/^.*:/, ""));
  }

  type(isKnown) {
    return {
      label: "a",
      detail: this.words.of_class,
      type: "keyword",
      boost: isKnown ? -50 : 60,
      apply: (view, _, from, to) => this.insert(view, from, to, "a ", { again: true }),
    };
  }

  property(path, count, boost) {
    const label = path.map((iri) => this.term(iri)).join("/");
    const called = path.map((iri) => this.schema.label(iri, this.language)).filter(Boolean).join(" › ");
    return {
      ...named(label, called),
      detail: `${called} ${number(count, this.language)}`.trim(),
      type: "property",
      boost,
      apply: (view, _, from, to) => this.insert(view, from, to, `${label} `, { again: true }),
    };
  }

  objects() {
    const { schema, context } = this;
    if (context.path.at(-1) !== "a") return this.variables(90);
    const reached = schema.classesOf(context.subject, context.triples.filter((triple) => triple.steps?.[0] !== RDF_TYPE));
    const classes = [...schema.classes.values()].sort((a, b) => b.count - a.count);
    return [
      ...classes.map((each, at) => ({
        ...named(this.term(each.iri), schema.label(each.iri, this.language)),
        detail: `${schema.label(each.iri, this.language)} ${number(each.count, this.language)}`.trim(),
        type: "class",
        boost: Math.max(-90, (reached.includes(each.iri) ? 60 : 40) - at),
        apply: (view, _, from, to) => this.insert(view, from, to, this.term(each.iri), { ends: true }),
      })),
      ...this.variables(-10),
    ];
  }

  functions(boost) {
    return FUNCTIONS.map(({ name, written, snippet: form }) => ({
      label: name,
      detail: written.slice(name.length),
      type: "function",
      boost,
      apply: snippet(form),
    }));
  }

  patterns() {
    return PATTERNS.map(([label, form]) => ({ label, type: "keyword", apply: snippet(form) }));
  }

  clauses() {
    return CLAUSES.map(([label, form]) => ({ label, type: "keyword", boost: 1, apply: snippet(form) }));
  }

  prefixNames() {
    return Object.entries(this.names).map(([prefix, namespace]) => ({
      label: `${prefix}:`,
      detail: namespace,
      type: "namespace",
      boost: -99,
      apply: (view, _, from, to) => this.insert(view, from, to, `${prefix}:`, { again: true }),
    }));
  }

  // Inserts a text, and whatever it needs. ends: whether a triple ends with it, and may go on with
  // the next property on a line of its own; comment: what is said of it; again: what follows can be
  // completed too.
  insert(view, from, to, written, { place = null, comment = "", ends = false, again = false, more = "" } = {}) {
    const { state } = view;
    if (/^["']/.test(this.context.written) && state.doc.sliceString(to, to + 1) === this.context.written[0]) to += 1;
    const line = state.doc.lineAt(to);
    const rest = state.doc.sliceString(to, line.to).trim();
    const mark = /^[;.,]$/.test(rest) ? rest : ""; // punctuation that is there, before the comment
    if (mark && comment) to = line.to;
    const indent = /^\s*/.exec(line.text)[0];
    const inGroup = this.context.slot === "object" && this.context.kind === "group";
    const goesOn = ends && inGroup && rest === "";
    let text = written + more;
    if (goesOn) text += " ;";
    if (mark && comment) text += ` ${mark}`;
    if (comment) text += ` # ${comment.replace(/\s+/g, " ")}`;
    if (goesOn) text += `\n${this.deeper(line.text, indent)}`;
    else if (comment && !mark) text += `\n${indent}${rest ? "  " : ""}`;
    const declaration = this.declaration(written);
    const changes = [{ from, to, insert: text }, ...(declaration ? [{ from: 0, insert: declaration }] : [])];
    view.dispatch({
      changes,
      selection: { anchor: declaration.length + from + (place ?? text.length) },
      userEvent: "input.complete",
      scrollIntoView: true,
    });
    if (goesOn || again || place !== null || more) startCompletion(view);
  }

  // Properties of the same subject stand below the first, two places further in.
  deeper(line, indent) {
    return /^\s*[?$<_\p{L}]\S*\s+\S+\s/u.test(line) && !/^\s*(a|\S*:\S*)\s+\S*$/u.test(line) && this.isFirst(line) ? `${indent}  ` : indent;
  }

  isFirst(line) {
    return line.trimStart().startsWith(this.context.subject ?? "\n");
  }

  declaration(written) {
    const used = /^([\p{L}][\p{L}\d_.-]*)?:/u.exec(written)?.[1] ?? (written.startsWith(":") ? "" : null);
    if (used === null || used in this.known || !(used in this.names)) return "";
    return `PREFIX ${used}: <${this.names[used]}>\n`;
  }
}

// Whether a token is a word that means nothing in SPARQL.
function isPlain(token) {
  return token?.kind === "word" && !KEYWORD.test(token.text);
}

// What an option is matched by, its name and what it is called, and what is shown of that.
function named(name, called) {
  return called ? { label: `${name} ${called}`, displayLabel: name } : { label: name };
}

function number(value, language) {
  return value.toLocaleString(language);
}

// Returns the declaration that a prefix needs which has just been written, or "".
export function missingDeclaration(text, place, prefixes, extra) {
  const name = /(?:^|[\s(/|^])([\p{L}][\p{L}\d_.-]*):$/u.exec(text.slice(Math.max(0, place - 40), place))?.[1];
  const names = { ...WELL_KNOWN, ...extra };
  if (!name || !(name in names)) return "";
  const context = contextAt(text, place, prefixes);
  if (name in context.prefixes || context.inComment || context.written.startsWith('"')) return "";
  if (/PREFIX\s+[\w.-]*:$/i.test(text.slice(0, place))) return "";
  return `PREFIX ${name}: <${names[name]}>\n`;
}
