// What a release says of its own classes and properties, and what can be told from it of a query.
import { RDF_TYPE } from "./context.js";

const NOTHING = { classes: [], properties: [], prefixes: {} };

// Returns the schema that an address gives; one with nothing in it where it gives none.
export async function fetchSchema(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    return new Schema(response.ok ? await response.json() : NOTHING);
  } catch {
    return new Schema(NOTHING);
  }
}

export class Schema {
  constructor(said) {
    this.classes = new Map((said.classes ?? []).map((each) => [each.iri, each]));
    this.properties = new Map((said.properties ?? []).map((each) => [each.iri, each]));
    this.prefixes = said.prefixes ?? {};
    this.isPartial = Boolean(said.left_out);
  }

  get isEmpty() {
    return this.classes.size === 0;
  }

  label(iri, language) {
    const labels = (this.classes.get(iri) ?? this.properties.get(iri))?.label ?? {};
    return labels[language] ?? Object.values(labels)[0] ?? "";
  }

  // Returns the classes that a term of the query is of, as far as its triples tell; [] if unknown.
  classesOf(term, triples, depth = 3) {
    const said = triples.filter((triple) => triple.subject === term && triple.steps?.length === 1 && triple.steps[0] === RDF_TYPE);
    const named = said.map((triple) => triple.objectIri).filter((iri) => this.classes.has(iri));
    if (named.length || depth === 0) return named;
    for (const triple of triples) {
      if (triple.object !== term || !triple.steps?.length) continue;
      const reached = this.reached(this.classesOf(triple.subject, triples, depth - 1), triple.steps);
      if (reached.length) return reached;
    }
    return this.classesWith(triples.filter((triple) => triple.subject === term && triple.steps?.length).map((triple) => triple.steps[0]));
  }

  classesWith(properties) {
    const wanted = properties.filter((iri) => this.properties.has(iri));
    if (!wanted.length) return [];
    return [...this.classes.values()]
      .filter((each) => wanted.every((iri) => (each.properties ?? []).some((property) => property.iri === iri)))
      .map((each) => each.iri);
  }

  // Returns the classes of what a path leads to from things of these classes, most frequent first.
  reached(classes, steps) {
    let now = classes;
    for (const step of steps) now = this.valueClasses(now, step).map(([iri]) => iri);
    return now;
  }

  valueClasses(classes, property) {
    const counts = new Map();
    for (const each of this.ofProperty(classes, property))
      for (const { iri, count } of each.values?.classes ?? []) counts.set(iri, (counts.get(iri) ?? 0) + count);
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  ofProperty(classes, property) {
    const from = classes.length ? classes.map((iri) => this.classes.get(iri)).filter(Boolean) : [...this.classes.values()];
    return from.flatMap((each) => (each.properties ?? []).filter(({ iri }) => iri === property));
  }

  // Returns the properties that things of these classes have, [IRI, count], most frequent first.
  propertiesOf(classes) {
    if (!classes.length) return [...this.properties.values()].map(({ iri, count }) => [iri, count]).sort((a, b) => b[1] - a[1]);
    const counts = new Map();
    for (const iri of classes)
      for (const { iri: property, count } of this.classes.get(iri)?.properties ?? [])
        counts.set(property, (counts.get(property) ?? 0) + count);
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  // Returns paths of two properties from things of these classes, [[first, second], count].
  pathsOf(classes) {
    const found = new Map();
    for (const [first, count] of this.propertiesOf(classes).slice(0, 40)) {
      if (!classes.length || first === RDF_TYPE) continue;
      for (const [reached, values] of this.valueClasses(classes, first).slice(0, 4)) {
        const size = this.classes.get(reached)?.count || 1;
        for (const [second, uses] of this.propertiesOf([reached])) {
          if (second === RDF_TYPE) continue;
          const key = `${first} ${second}`;
          const likely = Math.min(count, values) * Math.min(1, uses / size);
          found.set(key, Math.max(found.get(key) ?? 0, likely));
        }
      }
    }
    return this.likeliest(found);
  }

  // Returns paths of three properties, of which the last is called something with a text in it.
  longerPathsOf(classes, text, isCalled) {
    const found = new Map();
    for (const [path, count] of this.pathsOf(classes)) {
      for (const reached of this.reached(classes, path).slice(0, 3)) {
        const size = this.classes.get(reached)?.count || 1;
        for (const [last, uses] of this.propertiesOf([reached]))
          if (last !== RDF_TYPE && !path.includes(last) && isCalled(last, text)) {
            const key = `${path.join(" ")} ${last}`;
            found.set(key, Math.max(found.get(key) ?? 0, count * Math.min(1, uses / size)));
          }
      }
    }
    return this.likeliest(found).slice(0, 40);
  }

  likeliest(found) {
    return [...found].map(([key, count]) => [key.split(" "), Math.round(count)]).sort((a, b) => b[1] - a[1]).slice(0, 300);
  }
}
