// Asks an endpoint with Comunica, once told what it is and once left to find out from its service
// description; prints what came, as JSON.
//
//   node comunica.mjs http://127.0.0.1:8080/sparql

import { QueryEngine } from '@comunica/query-sparql';

const endpoint = process.argv[2];
const engine = new QueryEngine();

async function ask(source) {
  const context = { sources: [source] };
  const bindings = await engine.queryBindings(
    'SELECT ?s ?o WHERE { ?s <http://example.org/p> ?o } ORDER BY ?o', context);
  const limited = await engine.queryBindings(
    `SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s <http://example.org/p> ?o } }
     GROUP BY ?g ORDER BY ?g`, context);
  const quads = await engine.queryQuads(
    'CONSTRUCT { ?s <urn:found> ?o } WHERE { ?s <http://example.org/q> ?o }', context);
  return {
    solutions: (await bindings.toArray()).map(one => one.get('o')).map(
      term => [term.value, term.language, term.datatype.value]),
    counted: (await limited.toArray()).map(one => [one.get('g').value, one.get('n').value]),
    quads: (await quads.toArray()).map(
      one => [one.subject.value, one.predicate.value, one.object.value]),
    boolean: await engine.queryBoolean('ASK { ?s <http://example.org/q> ?o }', context),
  };
}

const told = await ask({ type: 'sparql', value: endpoint });
const found = await ask(endpoint);
process.stdout.write(JSON.stringify({ told, found }));
