// What is asked of the server while somebody writes: things by name, and the labels of IRIs.
// Each answer is kept, and nothing is asked twice, or at every key.

const PAUSE = 200; // milliseconds between the last key and the question
const KEPT = 300; // answers
const MOST = 60; // IRIs whose labels are asked for at a time

const LABELS = (iris) => `SELECT ?i ?p ?l WHERE {
  VALUES ?i { ${iris.map((iri) => `<${iri}>`).join(" ")} }
  {
    VALUES ?p { :prefLabel :label rdfs:label skos:prefLabel foaf:name :name :givenName :familyName :lifeSpan :mainTitle }
    ?i ?p ?l
  } UNION { ?i :hasTitle/:mainTitle ?l BIND(:mainTitle AS ?p) }
  FILTER(isLiteral(?l))
} LIMIT 2000`;

// Searches things by name: search("selma lag", class) gives hits, or [] where there is no search.
export class Search {
  constructor(address, language) {
    this.address = address;
    this.language = language;
    this.kept = new Map();
    this.missing = false;
  }

  async find(words, ofClass, wanted) {
    const answer = await this.all(words, ofClass, wanted);
    return answer && answer.hits;
  }

  // Returns things, saved queries and terms; null where that isn't wanted any more after a pause.
  async all(words, ofClass, wanted) {
    if (this.missing) return { hits: [] };
    const given = { q: words, lang: this.language, limit: "12", ...(ofClass ? { class: ofClass } : {}) };
    const address = `${this.address}?${new URLSearchParams(given)}`;
    if (!this.kept.has(address)) {
      await new Promise((resume) => setTimeout(resume, PAUSE));
      if (!wanted()) return null;
      const answer = await this.ask(address);
      if (!answer) return { hits: [] }; // the next time may be better
      this.keep(address, answer);
    }
    return this.kept.get(address);
  }

  async ask(address) {
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" } });
      this.missing = response.status === 404;
      return response.ok ? { hits: [], ...(await response.json()) } : null;
    } catch {
      return null;
    }
  }

  keep(address, answer) {
    if (this.kept.size >= KEPT) this.kept.delete(this.kept.keys().next().value);
    this.kept.set(address, answer);
  }
}

// Knows what IRIs are called: asks for those it doesn't know, many at a time.
export class Labels {
  constructor(endpoint, language, schema) {
    this.endpoint = endpoint;
    this.language = language;
    this.schema = schema;
    this.known = new Map();
    this.waiting = new Set();
  }

  of(iri) {
    return this.known.get(iri) || this.schema.label(iri, this.language);
  }

  set(iri, label) {
    this.known.set(iri, label);
  }

  // Fetches the labels of IRIs that aren't known yet; tells whether there was any to fetch.
  async fetch(iris) {
    const unknown = [...new Set(iris)].filter((iri) => !this.known.has(iri) && !/[<>"{}|^`\\\s]/.test(iri) && !this.schema.label(iri, this.language));
    for (let at = 0; at < unknown.length; at += MOST) await this.ask(unknown.slice(at, at + MOST));
    return unknown.length > 0;
  }

  async ask(iris) {
    iris.forEach((iri) => this.known.set(iri, ""));
    try {
      const response = await fetch(this.endpoint, {
        method: "POST",
        headers: { Accept: "application/sparql-results+json", "Content-Type": "application/sparql-query" },
        body: LABELS(iris),
      });
      if (!response.ok) return;
      const { results } = await response.json();
      for (const iri of iris) this.known.set(iri, this.chosen(results.bindings.filter((row) => row.i.value === iri)));
    } catch {
      // Labels are a help, no more.
    }
  }

  chosen(rows) {
    const of = (name) => {
      const those = rows.filter((row) => row.p.value.endsWith(name)).map((row) => row.l);
      const best = those.find((each) => each["xml:lang"] === this.language) ?? those.find((each) => !each["xml:lang"]) ?? those[0];
      return best?.value;
    };
    const person = [of("/familyName"), of("/givenName")].filter(Boolean).join(", ");
    const named = person && [person, of("/lifeSpan")].filter(Boolean).join(", ");
    return of("prefLabel") ?? of("label") ?? (named || (of("name") ?? of("/mainTitle") ?? ""));
  }
}

// Returns the server's own diagnosis of a query, in the person's language; null if there is none.
export async function checked(words, query) {
  try {
    const response = await fetch(words.check, { method: "POST", body: new URLSearchParams({ query, lang: words.language }), headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
