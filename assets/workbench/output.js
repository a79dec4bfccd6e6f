// What comes of a query, below the editor: what it is, its rows, its figures, and how to get it elsewhere.
import { copier, openDialog } from "./dialogs.js";
import { button, element, linked } from "./elements.js";
import { checked } from "./lookups.js";
import { ask } from "./results.js";
import { planOf } from "./plan.js";
import { snippets } from "./snippets.js";
import { ResultTable } from "./table.js";
import { shortened } from "./terms.js";
import { tokens } from "./tokens.js";

const MOST_TRIPLES = 1000; // that are read to look into a node

export class Output {
  // page: {words, around, endpoint, action, engine}, and its run, mend and describe.
  constructor(page) {
    Object.assign(this, { page, words: page.words, labels: page.around.labels, prefixes: page.around.prefixes });
    this.element = element("section", { class: "output", "aria-label": page.words.result, hidden: "" });
    this.table = new ResultTable(page.words, this.labels, this.prefixes, (term, row) => this.look(term, row));
  }

  begin(query) {
    this.result = null;
    this.element.hidden = false;
    this.status = element("p", { class: "status", role: "status" }, this.words.running);
    this.views = element("div", { class: "views" });
    this.drawer = element("div", { class: "drawer" });
    this.printed = element("pre", { class: "printed" }, query);
    this.element.replaceChildren(element("h2", {}, this.words.result), this.printed, this.status, this.views, this.drawer);
    this.shown = null;
  }

  show(result, isEnd) {
    this.result = result;
    const second = Math.floor(result.milliseconds / 1000);
    if (isEnd || this.said_at !== second) this.status.replaceChildren(this.said(result, isEnd));
    this.said_at = second; // said aloud by screen readers: not at every row
    if (result.boolean !== null) this.drawer.replaceChildren(element("p", { class: "answer" }, result.boolean ? this.words.yes : this.words.no));
    else if (result.size) {
      if (this.shown === null) {
        this.shown = "table";
        this.drawer.replaceChildren(this.table.element);
      }
      if (this.shown === "table") this.table.show(result);
    }
    if (isEnd) this.finish(result);
  }

  said(result, isEnd) {
    const { words } = this;
    const number = (value, digits = 0) => value.toLocaleString(words.language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
    const seconds = number(result.milliseconds / 1000, 2);
    if (!isEnd) return words.coming.replace("{count}", number(result.size));
    const parts = [];
    if (result.boolean === null) parts.push(result.size === 1 ? words.one_row : words.count_rows.replace("{count}", number(result.size)));
    parts.push(`${seconds} s`, result.cached ? words.cached : words.fresh + (this.page.engine ? ` (${this.page.engine})` : ""));
    if (result.release) parts.push(words.of_release.replace("{release}", result.release));
    if (result.cut) parts.push(result.cut === "most" ? words.cut_most : words.cut_broken);
    else if (result.boolean === null) parts.push(words.whole);
    return parts.join(" · ");
  }

  async finish(result) {
    const { words } = this;
    if (result.cut) this.status.classList.add("notice");
    if ((result.size === 0 && result.boolean === null) || result.boolean === false) await this.explain(result);
    if (result !== this.result) return;
    this.element.append(this.elsewhere(result));
    if (!result.size) return;
    const { kindsOf, draw } = await import("./figures.js");
    const kinds = ["table", ...kindsOf(result)];
    if (kinds.length < 2 || result !== this.result) return;
    const buttons = kinds.map((kind) =>
      button(words[`view_${kind}`], async () => {
        this.shown = kind;
        buttons.forEach((each, at) => each.setAttribute("aria-pressed", String(kinds[at] === kind)));
        if (kind === "table") {
          this.drawer.replaceChildren(this.table.element);
          this.table.show(result);
        } else await draw(kind, result, this.drawer, this);
      }, { "aria-pressed": String(kind === "table") }),
    );
    this.views.replaceChildren(element("span", { role: "group", "aria-label": words.views, class: "kinds" }, ...buttons));
  }

  async explain(result) {
    try {
      const address = `${this.page.endpoint}?${new URLSearchParams({ lang: this.words.language })}`;
      const response = await fetch(address, { method: "POST", body: new URLSearchParams({ query: result.query, explain: "empty" }), headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const { reasons } = await response.json();
      if (!reasons?.length || result !== this.result) return;
      const list = element("ul", {}, ...reasons.map((reason) => element("li", {}, reason.message)));
      this.drawer.append(element("section", { class: "why" }, element("h3", {}, this.words.why_empty), list));
    } catch {
      // The result is there all the same.
    }
  }

  async fail(error) {
    const { words, page } = this;
    const query = this.printed.textContent;
    const spoken = error?.line && words.language !== "en" ? await checked(words, query) : null;
    if (this.printed.textContent !== query) return;
    if (error?.name === "AbortError") return void this.status.replaceChildren(words.stopped);
    const isProblem = "status" in Object(error);
    const title = words.errors[error?.title] ?? error?.title;
    const detail = element("span", spoken || words.language === "en" ? {} : { lang: "en" }, spoken?.message ?? error?.detail ?? "");
    this.status.replaceChildren();
    const parts = [isProblem ? element("p", {}, `${title}${detail.textContent ? ": " : ""}`, detail) : element("p", {}, words.unreachable)];
    if (error?.address) parts.push(button(words.run_current, () => page.run()));
    if (error?.corrected) parts.push(element("pre", { tabindex: "0" }, error.corrected), button(words.mend_and_run, () => page.mend(error.corrected)));
    this.drawer.replaceChildren(element("section", { class: "error", role: "alert" }, ...parts));
  }

  // What can be done with a result elsewhere: files, and lines to copy.
  elsewhere(result) {
    const { words } = this;
    const names = result.isGraph ? words.graph_formats : words.formats;
    const files = names.map((name) =>
      element("button", { type: "submit", name: "format", value: name }, name),
    );
    const form = element("form", { action: this.page.action, method: "post", class: "downloads" },
      element("input", { type: "hidden", name: "query", value: result.query }), element("p", { class: "together" }, words.whole_as, " ", ...files));
    const address = new URL(this.page.endpoint, location.href).href;
    const blocks = Object.entries(snippets(address, result.query, result.isGraph)).flatMap(([name, lines]) => [
      element("h3", {}, name, " ", copier(words, lines, name)),
      element("pre", { tabindex: "0" }, lines),
    ]);
    const plan = button(words.plan, () => planOf(this.page.endpoint, result.query, words).then((shown) => plan.replaceWith(shown)));
    return element("div", { class: "elsewhere" }, form, element("p", {}, plan), element("details", {}, element("summary", {}, words.code), ...blocks));
  }

  // Shows a value whole; a thing can be described, a blank node's triples looked up in the result.
  async look(term, row) {
    const { words } = this;
    const parts = [element("pre", { tabindex: "0" }, term.value)];
    const more = [term.language, term.datatype].filter(Boolean).join(" ");
    if (more) parts.push(element("p", { class: "quiet" }, more));
    if (term.type === "iri") {
      const box = openDialog(words, this.labels.of(term.value) || words.value, ...parts,
        element("p", { class: "together" }, linked(term.value, words.open, { class: "button" }),
          button(words.describe, () => (box.close(), this.page.describe(term.value, this.labels.of(term.value))))));
    } else if (term.type === "blank") await this.lookInto(term, row);
    else openDialog(words, words.value, ...parts, element("p", {}, copier(words, term.value, words.value)));
  }

  // Shows what is said of a blank node: by a graph itself, or by the query of its row asked on.
  // path: [IRI], the properties that lead to it from the node that stands in the row, start.
  async lookInto(term, row, start = term, path = []) {
    const { words, result } = this;
    const within = result.isGraph ? result : await ask(this.page.endpoint, insideOf(result, start, row, path), undefined, () => {}).catch(() => null);
    const all = Array.from({ length: Math.min(within?.size ?? 0, MOST_TRIPLES) }, (_, at) => within.row(at));
    const own = all.filter(([node]) => node?.value === term.value);
    const rows = (own.length || result.isGraph ? own : all).slice(0, 200).map((terms) => terms.slice(1));
    await this.labels.fetch(rows.flat().filter((each) => each?.type === "iri").map((each) => each.value));
    const said = rows.flatMap(([verb, value]) => [element("dt", {}, this.name(verb)), element("dd", {}, this.within(value, () => this.lookInto(value, row, start, [...path, verb.value])))]);
    openDialog(words, words.blank, said.length ? element("dl", {}, ...said) : element("p", {}, words.nothing_said));
  }

  // A value in what is said of a node: a node that can be looked into in its turn, a link, a text.
  within(term, look) {
    if (term?.type === "iri") return linked(term.value, this.name(term));
    if (term?.type !== "blank") return this.name(term);
    const shown = term.value.slice(0, 8);
    return button(shown, look, { "aria-label": `${this.words.look} ${shown}` });
  }

  name(term) {
    return (term?.type === "iri" && (this.labels.of(term.value) || shortened(term.value, this.prefixes))) || term?.value || "";
  }
}

// Returns a query for what is said of a blank node: it has no name that a query could use, but the
// rest of its row tells which one it is.
function insideOf(result, term, row, path) {
  const { query, variables } = result;
  const begin = tokens(query).find((token) => token.kind === "word" && token.text.toUpperCase() === "SELECT")?.from ?? 0;
  const written = result.written(row);
  const name = variables[result.row(row).findIndex((each) => each?.value === term.value)];
  const known = variables.map((_, at) => at).filter((at) => written[at] && !written[at].startsWith("_:"));
  const values = known.length ? `VALUES (${known.map((at) => `?${variables[at]}`).join(" ")}) { (${known.map((at) => written[at]).join(" ")}) }` : "";
  const leading = path.length ? `?${name} ${path.map((iri) => `<${iri}>`).join("/")} ?node__ .` : `BIND(?${name} AS ?node__)`;
  return `${query.slice(0, begin)}SELECT DISTINCT ?node__ ?property__ ?value__ WHERE {\n  { ${query.slice(begin)}\n  }\n  ${values}\n  ${leading}\n  ?node__ ?property__ ?value__\n} LIMIT ${MOST_TRIPLES}`;
}
