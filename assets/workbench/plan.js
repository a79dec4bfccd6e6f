// How a query was evaluated: what was joined in what order, expected and found, or who answered instead.
import { element } from "./elements.js";
import { shortened } from "./terms.js";

// Asks for a plan and returns an element that shows it, or why there is none.
export async function planOf(endpoint, query, words) {
  const section = element("section", { class: "plan", role: "status" }, element("h3", {}, words.plan_title));
  try {
    const address = `${endpoint}?${new URLSearchParams({ lang: words.language })}`;
    const response = await fetch(address, { method: "POST", body: new URLSearchParams({ query, explain: "plan" }), headers: { Accept: "application/json" } });
    const said = await response.json();
    if (!response.ok) section.append(element("p", {}, said.detail ?? said.title));
    else if (said.steps?.length) section.append(tableOf(said, words));
    else section.append(element("p", {}, words.plan_other.replace("{engine}", said.engine).replace("{why}", said.reason?.why ?? "–")));
  } catch {
    section.append(element("p", {}, words.unreachable));
  }
  return section;
}

// A step with prefixes where its IRIs have one.
function readable(what, prefixes) {
  return what.replace(/<([^<>\s]+)>/g, (whole, iri) => shortened(iri, prefixes) ?? whole);
}

function tableOf({ steps, rows, ms }, words) {
  const number = (value, digits = 0) => (value ?? null) === null ? "–" : value.toLocaleString(words.language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const row = (what, expected, found, time) => element("tr", {}, what, ...[number(expected), number(found), number(time, 1)].map((text) => element("td", { class: "number" }, text)));
  const heads = [words.plan_step, words.plan_expected, words.plan_found, words.plan_time].map((text) => element("th", { scope: "col" }, text));
  const lines = steps.map((step) => row(element("td", {}, element("code", {}, readable(step.what, words.prefixes)), ...(step.times > 1 ? [` × ${number(step.times)}`] : [])), step.expected, step.found, step.ms));
  const all = row(element("th", { scope: "row" }, words.plan_all), null, rows, ms);
  return element("div", { class: "wide", role: "region", "aria-label": words.plan_title, tabindex: "0" },
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...lines, all)));
}
