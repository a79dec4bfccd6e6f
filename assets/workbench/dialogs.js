// What opens over the page: links to share, examples, history.
import { button, element, save } from "./elements.js";
import { nameOf } from "./tabs.js";

const PAUSE = 200; // milliseconds between the last key and the question

export const ADDRESS = 8000; // characters of an address that has a query in it

// Opens a dialog of parts with a title and a button that closes it.
export function openDialog(words, title, ...parts) {
  const close = button(words.close, () => box.close());
  const box = element("dialog", { "aria-label": title, class: "box" }, element("h2", {}, title), ...parts, element("p", {}, close));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

// Returns a button that copies a text; nothing where the browser doesn't let it.
export function copier(words, text, what) {
  const made = button(words.copy, async () => {
    await navigator.clipboard.writeText(text);
    made.textContent = words.copied;
  }, { class: "copy", "aria-label": `${words.copy}: ${what}` });
  return navigator.clipboard ? made : "";
}

// links: [what it is, address], that of the page first.
export function openShare(words, links, query) {
  const [, page] = links[0];
  if (page.length > ADDRESS) {
    const saved = button(words.save_query, () => save("query.rq", query, "application/sparql-query"));
    return openDialog(words, words.share, element("p", {}, words.too_long), saved);
  }
  const rows = links.map(([name, href]) => element("p", {}, element("a", { href }, name), " ", copier(words, href, name)));
  if (navigator.share) rows.push(button(words.send, () => navigator.share({ url: page }).catch(() => {})));
  return openDialog(words, words.share, ...rows);
}

// The saved queries by theme; insert(query) is called with the one that is chosen.
export async function openExamples(words, insert) {
  const response = await fetch(words.examples_address, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const { queries } = await response.json();
  const themes = new Map();
  for (const query of queries) themes.set(query.tags[0] ?? "", [...(themes.get(query.tags[0] ?? "") ?? []), query]);
  const entry = (query) => element("li", {}, button(titleOf(query, words), () => openExample(words, query, box, insert)));
  const lists = [...themes]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([tag, members]) => element("section", {}, element("h3", {}, words.themes[tag] ?? tag), element("ul", { class: "picked" }, ...members.map(entry))));
  const filter = element("input", { type: "search", "aria-label": words.filter_examples, placeholder: words.filter_examples, autocomplete: "off" });
  filter.addEventListener("input", () => {
    for (const item of box.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(filter.value.trim().toLowerCase());
    for (const section of box.querySelectorAll("section")) section.hidden = !section.querySelector("li:not([hidden])");
  });
  const box = openDialog(words, words.examples, filter, ...lists);
}

function titleOf(query, words) {
  return query.title[words.language] ?? query.name;
}

// Asks for the values of a saved query's parameters before it is inserted.
function openExample(words, query, box, insert) {
  if (!query.parameters.length) return void insertExample(words, query, "", box, insert);
  const fields = query.parameters.map((parameter) => {
    const label = parameter.label[words.language] ?? parameter.name;
    const values = parameter.default.length ? parameter.default : [""];
    const empty = parameter.multiple && parameter.default.length ? [""] : [];
    return [...values, ...empty].map((value) => valueField(parameter, label, value, words));
  }).flat();
  const form = element("form", {}, ...fields, element("p", { class: "together" }, element("button", { type: "submit", class: "main" }, words.insert)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    insertExample(words, query, `?${new URLSearchParams([...new FormData(form)])}`, box, insert);
  });
  const about = element("p", {}, query.description[words.language] ?? "");
  box.replaceChildren(element("h2", {}, titleOf(query, words)), about, form, element("p", {}, button(words.close, () => box.close())));
  form.querySelector("input").focus();
}

let lists = 0;

// A field for a value of a parameter; where values can be picked, they are offered as one types.
function valueField(parameter, label, value, words) {
  const input = element("input", { name: parameter.name, value, placeholder: parameter.example ?? "", autocomplete: "off" });
  const field = element("label", { class: "field" }, element("span", {}, label), input);
  if (!parameter.values) return field;
  const offered = element("datalist", { id: `offered${(lists += 1)}` });
  input.setAttribute("list", offered.id);
  const offer = async () => {
    const typed = input.value;
    await new Promise((resume) => setTimeout(resume, PAUSE));
    if (input.value !== typed) return;
    const search = typed === value ? "" : typed;
    const response = await fetch(`${parameter.values}?${new URLSearchParams({ search })}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok || input.value !== typed) return;
    const { values } = await response.json();
    offered.replaceChildren(...values.map((each) => element("option", { value: each.value, label: each.labels[words.language] ?? Object.values(each.labels)[0] ?? "" })));
  };
  input.addEventListener("input", offer);
  input.addEventListener("focus", offer, { once: true });
  field.append(offered);
  return field;
}

async function insertExample(words, query, search, box, insert) {
  const response = await fetch(`${query.address}.rq${search}`, { headers: { Accept: "application/sparql-query, application/problem+json" } });
  const text = await response.text();
  if (!response.ok) return void box.append(element("p", { class: "error", role: "alert" }, detailOf(text)));
  box.close();
  insert(`# ${titleOf(query, words)}\n${text}`);
}

function detailOf(text) {
  try {
    return JSON.parse(text).detail;
  } catch {
    return text;
  }
}

// The queries that were run here; insert(query) is called with the one that is chosen.
export function openHistory(words, tabs, insert) {
  const number = (value, digits = 0) => value.toLocaleString(words.language, { maximumFractionDigits: digits });
  const items = tabs.history.map(({ query, rows, milliseconds, at }) => {
    const said = [new Date(at).toLocaleString(words.language)];
    if (rows !== undefined) said.push(words.count_rows.replace("{count}", number(rows)), `${number(milliseconds / 1000, 2)} s`);
    return element("li", {}, button(nameOf(query, words.empty_tab), () => (box.close(), insert(query))), element("span", { class: "quiet" }, ` ${said.join(" · ")}`));
  });
  const forget = items.length ? [button(words.forget, () => (tabs.forget(), box.close()))] : [];
  const box = openDialog(words, words.history, element("p", { class: "quiet" }, words.history_own), element("ul", { class: "picked" }, ...items), ...forget);
}
