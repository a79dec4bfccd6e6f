// Tabs and history of queries, kept on the person's own machine and nowhere else.

const KEY = "libris-workbench";
const MOST_TABS = 12;
const MOST_HISTORY = 60;
const LONGEST = 100_000; // characters of a query that is kept

export class Tabs {
  constructor(storage) {
    this.storage = storage;
    const said = this.read();
    this.queries = said.queries?.length ? said.queries.filter((query) => typeof query === "string").slice(0, MOST_TABS) : [""];
    this.current = Math.max(0, Math.min(said.current ?? 0, this.queries.length - 1));
    this.history = (said.history ?? []).filter((each) => typeof each?.query === "string");
  }

  read() {
    try {
      return JSON.parse(this.storage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  }

  write() {
    try {
      const queries = this.queries.map((query) => (query.length > LONGEST ? "" : query));
      this.storage.setItem(KEY, JSON.stringify({ queries, current: this.current, history: this.history }));
    } catch {
      // Full or forbidden: what is written stays as long as the page.
    }
  }

  get query() {
    return this.queries[this.current];
  }

  change(text) {
    this.queries[this.current] = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), 400);
  }

  // Shows a query: in the tab that has it, in an empty one, or in one of its own.
  open(query) {
    const there = this.queries.findIndex((each) => each.trim() === query.trim());
    const empty = this.queries.findIndex((each) => !each.trim());
    const at = there >= 0 ? there : empty;
    if (at >= 0) this.current = at;
    else {
      if (this.queries.length >= MOST_TABS) this.note(this.queries.shift());
      this.current = this.queries.push(query) - 1;
    }
    this.queries[this.current] = query;
    this.write();
  }

  pick(at) {
    this.current = at;
    this.write();
  }

  add() {
    this.open("");
  }

  close() {
    this.queries.splice(this.current, 1);
    if (!this.queries.length) this.queries.push("");
    this.current = Math.min(this.current, this.queries.length - 1);
    this.write();
  }

  // Notes a query whose tab has made room for another one, unless history has it.
  note(query) {
    if (!this.history.some((each) => each.query === query)) this.ran(query);
  }

  // Notes a query, once however often it has been run. rows, milliseconds: missing if it wasn't.
  ran(query, rows, milliseconds) {
    if (query.length > LONGEST) return;
    this.history = [{ query, rows, milliseconds, at: Date.now() }, ...this.history.filter((each) => each.query !== query)].slice(0, MOST_HISTORY);
    this.write();
  }

  forget() {
    this.history = [];
    this.write();
  }
}

// What a tab is called: its first comment, or else what it begins with.
export function nameOf(query, otherwise) {
  const comment = /^\s*#+\s*(.+)$/m.exec(query)?.[1];
  const text = comment ?? query.replace(/PREFIX\s+\S+\s+<[^>]*>/gi, "").replace(/\s+/g, " ").trim();
  return text.length > 28 ? `${text.slice(0, 27)}…` : text || otherwise;
}
