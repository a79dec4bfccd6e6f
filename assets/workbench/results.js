// A result as it comes in: rows of terms as they are written, read when somebody looks at them.
import { readTerm, readTriple } from "./terms.js";

const MOST = 500_000; // rows that a page keeps
const PAUSE = 120; // milliseconds between two looks at what has come
const TSV = "text/tab-separated-values";
const NTRIPLES = "application/n-triples";

export class Result {
  constructor(query) {
    this.query = query;
    this.variables = [];
    this.lines = [];
    this.isGraph = false;
    this.boolean = null;
    this.whole = false;
    this.cut = "";
    this.milliseconds = 0;
    this.cells = new Map();
  }

  get size() {
    return this.lines.length;
  }

  // Returns the terms of a row as they are written.
  written(row) {
    const line = this.lines[row];
    return this.isGraph ? (readTriple(line) ?? [line, "", ""]) : line.split("\t");
  }

  // Returns the terms of a row.
  row(row) {
    return this.written(row).map(readTerm);
  }
}

// Asks a query; show(result) is called while rows come in, and at the end. Returns the result.
// Throws a problem document (RFC 9457) where the server gives one, and what fetch throws.
export async function ask(endpoint, query, signal, show, release = null) {
  const result = new Result(query);
  const began = performance.now();
  const response = await fetch(release ? `${endpoint}?${new URLSearchParams({ release })}` : endpoint, {
    method: "POST",
    headers: { Accept: `${TSV}, ${NTRIPLES};q=0.9`, "Content-Type": "application/sparql-query" },
    body: query,
    signal,
  });
  if (!response.ok) throw await problem(response);
  result.release = response.headers.get("Libris-Release");
  result.cached = /\bcache\b/.test(response.headers.get("Server-Timing") ?? "");
  result.cpu = Number(/cpu;dur=([\d.]+)/.exec(response.headers.get("Server-Timing") ?? "")?.[1] ?? NaN);
  result.isGraph = (response.headers.get("Content-Type") ?? "").startsWith(NTRIPLES);
  if (result.isGraph) result.variables = ["subject", "predicate", "object"];
  await readLines(response, result, () => {
    result.milliseconds = performance.now() - began;
    show(result);
  });
  result.milliseconds = performance.now() - began;
  return result;
}

async function problem(response) {
  try {
    return await response.json();
  } catch {
    return { status: response.status, title: response.statusText, detail: "" };
  }
}

async function readLines(response, result, show) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let shown = performance.now();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop(); // what has no end of line yet
      take(result, done && rest ? [rest] : lines);
      if (done) break;
      if (result.size > MOST) {
        result.cut = "most";
        result.lines.length = MOST;
        await reader.cancel();
        break;
      }
      if (performance.now() - shown > PAUSE) {
        show();
        await new Promise((resume) => setTimeout(resume));
        shown = performance.now();
      }
    }
    result.whole = !result.cut;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    result.cut = "broken"; // a cut stream never ends well, so this can't be missed
  }
}

function take(result, lines) {
  for (const line of lines) {
    if (result.isGraph || result.hasHead) result.lines.push(line.endsWith("\r") ? line.slice(0, -1) : line);
    else readHead(result, line);
  }
}

function readHead(result, line) {
  result.hasHead = true;
  if (line === "true" || line === "false") result.boolean = line === "true";
  else result.variables = line.split("\t").filter(Boolean).map((name) => name.trim().slice(1));
}

// What stands in columns, as far as a part of the rows tells: {name, kind}, kind one of number,
// year, date, iri, country, point, text, blank.
export function columnsOf(result, most = 2000) {
  const rows = [];
  for (let row = 0; row < Math.min(result.size, most); row += 1) rows.push(result.row(row));
  return result.variables.map((name, at) => ({ name, at, kind: kindOf(rows.map((row) => row[at]).filter(Boolean)) }));
}

const YEAR = /^-?\d{4}$/;
const DECADE = /^\d{3}0(s|-tal(et)?)$/;
const COUNTRY = /^https?:\/\/id\.kb\.se\/(country|nationality)\/|^http:\/\/id\.loc\.gov\/vocabulary\/(countries|geographicAreas)\//;

function kindOf(terms) {
  const all = (test) => terms.length > 0 && terms.every(test);
  if (all((term) => term.type === "iri" && COUNTRY.test(term.value))) return "country";
  if (all((term) => term.type === "iri")) return "iri";
  if (all((term) => term.type === "blank")) return "blank";
  if (all((term) => term.type === "literal" && YEAR.test(term.value) && !/double|decimal/.test(term.datatype ?? "") && Number(term.value) > 1000 && Number(term.value) < 2100)) return "year";
  if (all((term) => term.type === "literal" && DECADE.test(term.value))) return "year";
  if (all((term) => term.type === "literal" && /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(term.value))) return "number";
  if (all((term) => /^-?\d{4}-\d\d(-\d\d|$)/.test(term.value))) return "date";
  if (all((term) => /^(<[^>]*>\s*)?POINT\s*\(/i.test(term.value))) return "point";
  return "text";
}
