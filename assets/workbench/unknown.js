// Properties and classes of a query that the release doesn't have, with the nearest that it has.
import { termsOf } from "./context.js";
import { expanded, shortened } from "./terms.js";

const FARTHEST = 3; // letters to change
const VOCABULARY = 5; // terms of a namespace from which on it is a vocabulary that is known

// Returns [{from, to, name, nearest: a name or null}]. Where no schema is known, nothing is unknown.
export function unknownTerms(text, schema, prefixes) {
  if (schema.isEmpty || schema.isPartial) return [];
  const { terms, known } = termsOf(text, prefixes);
  return terms.flatMap(({ token, isClass }) => {
    const there = isClass ? schema.classes : schema.properties;
    const iri = expanded(token.text, known);
    if (!iri || there.has(iri) || !isVocabulary(namespaceOf(iri), there)) return [];
    const nearest = nearestOf(iri, there);
    return [{ from: token.from, to: token.to, name: token.text, nearest: nearest && (shortened(nearest, known) ?? `<${nearest}>`) }];
  });
}

function namespaceOf(iri) {
  return iri.replace(/[^/#]*$/, "");
}

function isVocabulary(namespace, terms) {
  let count = 0;
  for (const iri of terms.keys()) if (namespaceOf(iri) === namespace && (count += 1) >= VOCABULARY) return true;
  return false;
}

function nearestOf(iri, terms) {
  let best = null;
  let least = Math.min(FARTHEST, Math.floor((iri.length - namespaceOf(iri).length) / 2)) + 1;
  for (const other of terms.keys()) {
    if (namespaceOf(other) !== namespaceOf(iri) || Math.abs(other.length - iri.length) >= least) continue;
    const far = distance(iri.toLowerCase(), other.toLowerCase());
    if (far < least) [best, least] = [other, far];
  }
  return best;
}

// Levenshtein's distance, and 1 for two letters that have changed places.
function distance(a, b) {
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
