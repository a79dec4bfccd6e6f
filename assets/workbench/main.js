// The workbench: makes the page of a query, which works without it, into a place to work in.
import { ADDRESS, openExamples, openHistory, openShare } from "./dialogs.js";
import { button, element, setPages } from "./elements.js";
import { makeEditor } from "./editor.js";
import { findAsTyped } from "./finder.js";
import { Labels, Search } from "./lookups.js";
import { Output } from "./output.js";
import { ask } from "./results.js";
import { fetchSchema, Schema } from "./schema.js";
import { nameOf, Tabs } from "./tabs.js";

class Workbench {
  constructor(form) {
    this.form = form;
    this.words = JSON.parse(form.dataset.words);
    this.field = form.querySelector("textarea");
    this.action = form.getAttribute("action");
    this.endpoint = this.action.split("?")[0];
    this.around = { prefixes: this.words.prefixes, schema: new Schema({}), search: new Search(this.words.search, this.words.language) };
    setPages(this.words.resource);
    this.around.labels = new Labels(this.endpoint, this.words.language, this.around.schema);
    this.tabs = new Tabs(storage());
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
    this.output = new Output(this);
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
    this.form.closest("section").after(this.output.element);
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.run()));
    this.drawTabs();
    const finder = document.querySelector("form.search");
    if (finder) findAsTyped(finder, this.around.search, words, (hit) => this.describe(hit.iri, hit.label));
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
      button(words.examples, () => openExamples(words, (query) => this.insert(query))),
      button(words.history, () => openHistory(words, this.tabs, (query) => this.insert(query))),
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
    this.output.begin(query);
    try {
      const result = await ask(this.endpoint, query, running.signal, (part) => this.output.show(part, false), release);
      this.output.show(result, true);
      this.tabs.ran(query, result.size, result.milliseconds);
    } catch (error) {
      if (this.running === running) this.output.fail(error);
    }
    if (this.running !== running) return;
    this.running = null;
    this.runner.textContent = this.words.run;
    this.runner.classList.remove("stop");
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

  describe(iri, label) {
    this.insert(`${label ? `# ${label}\n` : ""}DESCRIBE <${iri}>\n`);
    this.run();
    this.output.element.scrollIntoView({ block: "start" });
  }

  // Puts a query in the place of the one that is there, and runs it.
  mend(query) {
    this.editor.replace(query);
    this.run();
  }

  share() {
    const { words, query } = this;
    const links = [[words.link_current, this.link(query)]];
    const release = this.output.result?.release;
    if (release) links.push([words.link_release.replace("{release}", release), this.link(query, { release })]);
    links.push([words.link_data, new URL(`${this.endpoint}?${new URLSearchParams({ query })}`, location.href).href]);
    openShare(words, links, query);
  }
}

// What the browser keeps for the page; nothing where it isn't let to.
function storage() {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem() {} };
  }
}

document.querySelectorAll("form[data-words]").forEach((form) => new Workbench(form));
