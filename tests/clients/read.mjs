// Reads a query's result in every format that jsonld, N3.js and Comunica can; prints the quads of
// each as JSON, and what framing the JSON-LD by a type gives.
//
//   node read.mjs http://127.0.0.1:8080/sparql 'CONSTRUCT …' 'SELECT ?s ?p ?o …' http://example.org/T

import { QueryEngine } from '@comunica/query-sparql';
import jsonld from 'jsonld';
import { Parser } from 'n3';

const [endpoint, construct, select, type] = process.argv.slice(2);

async function result(format) {
  const address = `${endpoint}?${new URLSearchParams({ query: construct, format })}`;
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`${format}: ${response.status} ${await response.text()}`);
  }
  return response.text();
}

function term({ termType, value, language, datatype }) {
  return termType === 'Literal'
    ? [termType, value, language ?? '', datatype.value]
    : [termType, value.replace(/^_:/, '')];
}

const plain = quads => quads.map(
  quad => [quad.subject, quad.predicate, quad.object, quad.graph].map(term));

async function readJsonLd() {
  const document = JSON.parse(await result('jsonld'));
  const expanded = JSON.parse(await result('expanded'));
  return {
    jsonld: plain(await jsonld.toRDF(document)),
    expanded: plain(await jsonld.toRDF(expanded)),
    'expanded by jsonld': plain(await jsonld.toRDF(await jsonld.expand(document))),
    framed: await jsonld.frame(document, { '@context': document['@context'], '@type': type }),
  };
}

async function readN3() {
  const found = {};
  for (const [name, format] of Object.entries({
    ttl: 'text/turtle', nt: 'application/n-triples', trig: 'application/trig',
    nq: 'application/n-quads',
  })) {
    found[name] = plain(new Parser({ format }).parse(await result(name)));
  }
  return found;
}

async function askComunica() {
  const context = { sources: [{ type: 'sparql', value: endpoint }] };
  const engine = new QueryEngine();
  const bindings = await (await engine.queryBindings(select, context)).toArray();
  const quads = await (await engine.queryQuads(construct, context)).toArray();
  return {
    select: bindings.map(solution => ['s', 'p', 'o'].map(name => term(solution.get(name)))),
    construct: plain(quads),
  };
}

process.stdout.write(JSON.stringify({
  jsonld: await readJsonLd(), n3: await readN3(), comunica: await askComunica(),
}));
