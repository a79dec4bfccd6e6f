// The field that finds things, queries and terms: what fits is listed below it as one types.
import { button, element, linked } from "./elements.js";

const AT_LEAST = 2; // letters

// form: that of the field, which leads to a page of its own. show(iri) shows what is said of a thing.
export function findAsTyped(form, search, words, show) {
  const field = form.querySelector("input[type=search]");
  const list = element("ul", { class: "found", "aria-label": words.found });
  const status = element("p", { class: "quiet", role: "status" });
  form.after(status, list);
  field.addEventListener("input", async () => {
    const text = field.value.trim();
    const answer = text.length < AT_LEAST ? { hits: [] } : await search.all(text, undefined, () => field.value.trim() === text);
    if (!answer || field.value.trim() !== text) return;
    const things = answer.hits.map((hit) => thing(hit, words, show));
    const queries = (answer.queries ?? []).slice(0, 4).map((query) => element("li", {}, element("a", { href: query.address }, query.title[words.language] ?? query.name)));
    list.replaceChildren(...things, ...queries);
    const count = things.length + queries.length;
    status.textContent = text.length < AT_LEAST ? "" : count ? words.hits.replace("{count}", count) : words.no_hits;
  });
}

function thing(hit, words, show) {
  const about = [hit.class_label, hit.detail].filter(Boolean).join(", ");
  const name = linked(hit.iri, hit.label, hit.lang ? { lang: hit.lang } : {});
  const said = button(words.describe, () => show(hit), { "aria-label": `${words.describe}: ${hit.label}` });
  return element("li", {}, name, element("span", { class: "quiet" }, ` ${about} `), said);
}
