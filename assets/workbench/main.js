// The workbench: makes the page of a query, which works without it, into a place to work in.
import { button, element, save } from "./elements.js";
import { makeEditor } from "./editor.js";
import { Labels, Search } from "./lookups.js";
import { ask } from "./results.js";
import { fetchSchema, Schema } from "./schema.js";
import { snippets } from "./snippets.js";
import { ResultTable } from "./table.js";
import { nameOf, Tabs } from "./tabs.js";
import { shortened } from "./terms.js";
import { tokens } from "./tokens.js";

const ADDRESS = 8000; // characters of a query that an address has in it

class Workbench {
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words);
    this.field = form.querySelector("textarea");
    this.endpoint = form.getAttribute("action").split("?")[0];
    this.around = { prefixes: this.words.prefixes, schema: new Schema({}), search: new Search(this.words.search, this.words.language) };
    this.around.labels = new Labels(this.endpoint, this.words.language, this.around.schema);
    this.tabs = new Tabs(localStorage);
    const given = form.dataset.given !== undefined ? this.field.value : "";
    if (given) this.tabs.open(given);
    else if (this.tabs.queries.every((query) => !query.trim())) this.tabs.open(form.dataset.ran !== undefined ? this.field.value : "");
    this.build();
    if (form.dataset.ran !== undefined) this.run(new URLSearchParams(location.search).get("release"));
  }

  get query() {
    return this.editor.text;
  }

  build() {
    const { words } = this;
    this.field.value = this.tabs.query;
    this.bar = element("ul", { class: "tabs", "aria-label": words.tabs });
    this.place = element("div", { class: "editor" });
    this.mistake = element("div", { class: "mistake", role: "status" });
    this.output = element("section", { class: "output", "aria-label": words.result, hidden: "" });
    this.editor = makeEditor(this.place, this.field, words, this.around, {
      run: () => this.run(),
      change: (text) => this.changed(text),
      mistake: (said) => this.sayMistake(said),
    });
    this.field.before(this.bar, this.place, this.mistake);
    this.field.hidden = true;
    this.field.labels[0]?.addEventListener("click", () => this.editor.focus());
    const actions = this.form.querySelector("button.main").parentElement;
    this.runner = button(words.run, () => (this.running ? this.stop() : this.run()), { class: "main" });
    actions.replaceChildren(this.runner, ...this.tools());
    actions.after(element("p", { class: "quiet keys", id: "keys" }, words.keys));
    this.form.closest("section").after(this.output);
    this.table = new ResultTable(words, this.around.labels, this.around.prefixes, (term, row) => this.look(term, row));
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.run()));
    this.drawTabs();
    fetch(words.health)
      .then((response) => response.json())
      .then(({ engine }) => (this.engine = engine))
      .catch(() => {});
    fetchSchema(words.schema).then((schema) => {
      this.around.schema = schema;
      this.around.labels.schema = schema;
    });
  }

  tools() {
    const { words, editor } = this;
    return [
      button(words.format, () => editor.format()),
      button(words.comment, () => editor.comment()),
      button(words.find, () => editor.search()),
      button(words.share, () => this.share()),
      button(words.examples, () => this.examples()),
      button(words.history, () => this.history()),
    ];
  }

  changed(text) {
    this.field.value = text;
    const before = nameOf(this.tabs.query, this.words.empty_tab);
    this.tabs.change(text);
    if (before !== nameOf(text, this.words.empty_tab)) this.drawTabs();
  }

  drawTabs() {
    const { words, tabs } = this;
    const items = tabs.queries.map((query, at) => {
      const isCurrent = at === tabs.current;
      const name = nameOf(query, words.empty_tab);
      const pick = button(name, () => this.go(() => tabs.pick(at)), isCurrent ? { "aria-current": "true" } : {});
      const close = isCurrent && (tabs.queries.length > 1 || query) ? [button("×", () => this.go(() => tabs.close()), { "aria-label": `${words.close_tab} ${name}`, class: "close" })] : [];
      return element("li", {}, pick, ...close);
    });
    const add = button("+", () => this.go(() => tabs.add()), { "aria-label": words.new_tab, title: words.new_tab });
    this.bar.replaceChildren(...items, element("li", {}, add));
  }

  // Goes to another tab. Each has a history of changes of its own.
  go(change) {
    this.states ??= new Map();
    this.states.set(this.tabs.query, this.editor.view.state);
    change();
    const query = this.tabs.query;
    this.editor.view.setState(this.states.get(query) ?? this.editor.state(query));
    this.field.value = query;
    this.sayMistake(null);
    this.drawTabs();
    this.editor.focus();
  }

  insert(query) {
    this.go(() => this.tabs.open(query));
  }

  sayMistake(said) {
    const parts = [];
    if (said) {
      parts.push(element("p", {}, said.message));
      if (said.corrected) parts.push(button(this.words.mend, () => (this.editor.replace(said.corrected), this.editor.focus())));
    }
    this.mistake.replaceChildren(...parts);
  }

  // Runs the query

  stop() {
    this.running?.abort();
  }

  // release: the only one that may answer; null: whichever is served.
  async run(release = null) {
    const query = this.query;
    if (!query.trim()) return this.editor.focus();
    this.stop();
    const running = (this.running = new AbortController());
    this.runner.textContent = this.words.stop;
    this.runner.classList.add("stop");
    this.address(query, release);
    document.querySelectorAll(".served").forEach((old) => old.remove());
    this.begin();
    try {
      const result = await ask(this.endpoint, query, running.signal, (part) => this.show(part, false), release);
      this.show(result, true);
      this.tabs.ran(query, result.size, result.milliseconds);
    } catch (error) {
      this.fail(error, query);
    }
    if (this.running !== running) return;
    this.running = null;
    this.runner.textContent = this.words.run;
    this.runner.classList.remove("stop");
  }

  begin() {
    this.output.hidden = false;
    this.status = element("p", { class: "status", role: "status" }, this.words.running);
    this.views = element("div", { class: "views" });
    this.drawer = element("div", { class: "drawer" });
    this.printed = element("pre", { class: "printed" }, this.query);
    this.output.replaceChildren(element("h2", {}, this.words.result), this.printed, this.status, this.views, this.drawer);
    this.shown = null;
  }

  // Returns the address of this page with a query, which is run when it is opened.
  link(query, more = {}) {
    const address = new URL(this.words.front, location.href);
    address.search = new URLSearchParams({ query, run: "", ...more }).toString();
    return address.href;
  }

  address(query, release) {
    const lang = new URLSearchParams(location.search).get("lang");
    const found = this.link(query, { ...(lang ? { lang } : {}), ...(release ? { release } : {}) });
    if (found.length <= ADDRESS) history.replaceState(null, "", found);
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
    parts.push(`${seconds} s`, result.cached ? words.cached : words.fresh.replace("{engine}", this.engine ?? ""));
    if (result.release) parts.push(words.of_release.replace("{release}", result.release));
    if (result.cut) parts.push(result.cut === "most" ? words.cut_most : words.cut_broken);
    else if (result.boolean === null) parts.push(words.whole);
    return parts.join(" · ");
  }

  async finish(result) {
    const { words } = this;
    if (result.cut) this.status.classList.add("notice");
    if ((result.size === 0 && result.boolean === null) || result.boolean === false) await this.explain(result);
    this.output.append(this.elsewhere(result));
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
        } else await draw(kind, result, this.drawer, this.around_figures());
      }, { "aria-pressed": String(kind === "table") }),
    );
    this.views.replaceChildren(element("span", { role: "group", "aria-label": words.views, class: "kinds" }, ...buttons));
  }

  around_figures() {
    return { words: this.words, labels: this.around.labels, prefixes: this.around.prefixes };
  }

  async explain(result) {
    try {
      const address = `${this.endpoint}?${new URLSearchParams({ lang: this.words.language })}`;
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

  fail(error, query) {
    const { words } = this;
    const isProblem = error && typeof error === "object" && "status" in error;
    if (error?.name === "AbortError") return void this.status.replaceChildren(words.stopped);
    const said = isProblem ? [error.title, error.detail].filter(Boolean).join(": ") : words.unreachable;
    this.status.replaceChildren();
    const parts = [element("p", {}, said)];
    if (error?.address) parts.push(button(words.run_current, () => this.run()));
    if (error?.corrected) parts.push(element("pre", { tabindex: "0" }, error.corrected), button(words.mend_and_run, () => (this.editor.replace(error.corrected), this.run())));
    this.drawer.replaceChildren(element("section", { class: "error", role: "alert" }, ...parts));
    if (query !== this.query) this.drawer.replaceChildren();
  }

  // What can be done with a result elsewhere: files, and lines to copy.
  elsewhere(result) {
    const { words } = this;
    const names = result.isGraph ? words.graph_formats : words.formats;
    const files = names.map((name) =>
      element("button", { type: "submit", name: "format", value: name }, name),
    );
    const form = element("form", { action: this.form.getAttribute("action"), method: "post", class: "downloads" },
      element("input", { type: "hidden", name: "query", value: result.query }), element("p", { class: "together" }, words.whole_as, " ", ...files));
    const address = new URL(this.endpoint, location.href).href;
    const blocks = Object.entries(snippets(address, result.query, result.isGraph)).flatMap(([name, lines]) => [
      element("h4", {}, name, " ", this.copier(lines, name)),
      element("pre", { tabindex: "0" }, lines),
    ]);
    return element("div", { class: "elsewhere" }, form, element("details", {}, element("summary", {}, words.code), ...blocks));
  }

  copier(text, what) {
    const made = button(this.words.copy, async () => {
      await navigator.clipboard.writeText(text);
      made.textContent = this.words.copied;
    }, { class: "copy", "aria-label": `${this.words.copy}: ${what}` });
    return navigator.clipboard ? made : "";
  }

  // Dialogs

  dialog(title, ...parts) {
    const close = button(this.words.close, () => box.close());
    const box = element("dialog", { "aria-label": title, class: "box" }, element("h2", {}, title), ...parts, element("p", {}, close));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    return box;
  }

  // Shows a value whole; a thing can be described, a blank node's triples looked up in the result.
  async look(term, row) {
    const { words } = this;
    const parts = [element("pre", { tabindex: "0" }, term.value)];
    const more = [term.language, term.datatype].filter(Boolean).join(" ");
    if (more) parts.push(element("p", { class: "quiet" }, more));
    if (term.type === "iri") {
      const box = this.dialog(this.around.labels.of(term.value) || words.value, ...parts,
        element("p", { class: "together" }, element("a", { href: term.value, class: "button", rel: "noreferrer" }, words.open),
          button(words.describe, () => (box.close(), this.insert(`DESCRIBE <${term.value}>\n`), this.run()))));
    } else if (term.type === "blank") await this.lookInto(term, row);
    else this.dialog(words.value, ...parts, element("p", {}, this.copier(term.value, words.value)));
  }

  // Shows what is said of a blank node: by a graph itself, or by the query of its row asked on.
  async lookInto(term, row) {
    const { words, result } = this;
    const within = result.isGraph ? result : await ask(this.endpoint, insideOf(result, term, row), undefined, () => {}).catch(() => null);
    const rows = [];
    for (let at = 0; at < (within?.size ?? 0) && rows.length < 200; at += 1) {
      const terms = within.row(at);
      if (!result.isGraph || terms[0]?.value === term.value) rows.push(terms.slice(-2));
    }
    await this.around.labels.fetch(rows.flat().filter((each) => each?.type === "iri").map((each) => each.value));
    const said = rows.flatMap(([verb, value]) => [element("dt", {}, this.name(verb)), element("dd", {}, this.name(value))]);
    this.dialog(words.blank, said.length ? element("dl", {}, ...said) : element("p", {}, words.nothing_said));
  }

  name(term) {
    return (term?.type === "iri" && (this.around.labels.of(term.value) || shortened(term.value, this.around.prefixes))) || term?.value || "";
  }

  async share() {
    const { words } = this;
    const current = this.link(this.query);
    const links = [[words.link_current, current]];
    const release = this.result?.release;
    if (release) links.push([words.link_release.replace("{release}", release), this.link(this.query, { release })]);
    links.push([words.link_data, new URL(`${this.endpoint}?${new URLSearchParams({ query: this.query })}`, location.href).href]);
    if (current.length > ADDRESS) return void this.dialog(words.share, element("p", {}, words.too_long), button(words.save_query, () => save("query.rq", this.query, "application/sparql-query")));
    const rows = links.map(([name, href]) => element("p", {}, element("a", { href }, name), " ", this.copier(href, name)));
    if (navigator.share) rows.push(button(words.send, () => navigator.share({ url: current }).catch(() => {})));
    this.dialog(words.share, ...rows);
  }

  async examples() {
    const { words } = this;
    const response = await fetch(words.examples_address, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const { queries } = await response.json();
    const themes = new Map();
    for (const query of queries) {
      const tag = query.tags[0] ?? "";
      themes.set(tag, [...(themes.get(tag) ?? []), query]);
    }
    const lists = [...themes].sort((a, b) => b[1].length - a[1].length).flatMap(([tag, members]) => [
      element("h3", {}, words.themes[tag] ?? tag),
      element("ul", { class: "picked" }, ...members.map((query) => element("li", {}, button(query.title[words.language] ?? query.name, () => this.example(query, box))))),
    ]);
    const filter = element("input", { type: "search", "aria-label": words.filter_examples, placeholder: words.filter_examples, autocomplete: "off" });
    filter.addEventListener("input", () => {
      for (const item of box.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(filter.value.toLowerCase());
    });
    const box = this.dialog(words.examples, filter, ...lists);
  }

  // Inserts a saved query; its parameters first, where it has any.
  example(query, box) {
    const { words } = this;
    if (!query.parameters.length) return this.exampleText(query, "", box);
    const fields = query.parameters.map((parameter) => {
      const input = element("input", { name: parameter.name, value: parameter.default[0] ?? "", placeholder: parameter.example ?? "", autocomplete: "off" });
      return element("label", { class: "field" }, element("span", {}, parameter.label[words.language] ?? parameter.name), input);
    });
    const form = element("form", {}, ...fields, element("p", { class: "together" }, element("button", { type: "submit", class: "main" }, words.insert)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pairs = [...new FormData(form)];
      this.exampleText(query, `?${new URLSearchParams(pairs)}`, box);
    });
    box.replaceChildren(element("h2", {}, query.title[words.language] ?? query.name), element("p", {}, query.description[words.language] ?? ""), form, element("p", {}, button(words.close, () => box.close())));
    form.querySelector("input")?.focus();
  }

  async exampleText(query, search, box) {
    const response = await fetch(`${query.address}.rq${search}`);
    const text = await response.text();
    if (!response.ok) return void box.append(element("p", { class: "error", role: "alert" }, text));
    box.close();
    this.insert(`# ${query.title[this.words.language] ?? query.name}\n${text}`);
  }

  history() {
    const { words, tabs } = this;
    const items = tabs.history.map(({ query, rows, milliseconds, at }) =>
      element("li", {}, button(nameOf(query, words.empty_tab), () => (box.close(), this.insert(query))),
        element("span", { class: "quiet" }, ` ${new Date(at).toLocaleString(words.language)} · ${words.count_rows.replace("{count}", rows.toLocaleString(words.language))} · ${(milliseconds / 1000).toLocaleString(words.language, { maximumFractionDigits: 2 })} s`)),
    );
    const forget = button(words.forget, () => (tabs.forget(), box.close()));
    const box = this.dialog(words.history, element("p", { class: "quiet" }, words.history_own), element("ul", { class: "picked" }, ...items), ...(items.length ? [forget] : []));
  }
}

// Returns a query for what is said of a blank node: it has no name that a query could use, but the
// rest of its row tells which one it is.
function insideOf(result, term, row) {
  const { query, variables } = result;
  const begin = tokens(query).find((token) => token.kind === "word" && token.text.toUpperCase() === "SELECT")?.from ?? 0;
  const written = result.written(row);
  const name = variables[result.row(row).findIndex((each) => each?.value === term.value)];
  const known = variables.map((_, at) => at).filter((at) => written[at] && !written[at].startsWith("_:"));
  const values = known.length ? `VALUES (${known.map((at) => `?${variables[at]}`).join(" ")}) { (${known.map((at) => written[at]).join(" ")}) }` : "";
  return `${query.slice(0, begin)}SELECT DISTINCT ?property__ ?value__ WHERE {\n  { ${query.slice(begin)}\n  }\n  ${values}\n  ?${name} ?property__ ?value__\n} LIMIT 200`;
}

document.querySelectorAll("form[data-words]").forEach((form) => new Workbench(form));
