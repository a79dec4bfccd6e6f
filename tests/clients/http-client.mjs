// Asks an endpoint with sparql-http-client and reads a graph from its graph store; prints what
// came, as JSON.
//
//   node http-client.mjs http://127.0.0.1:8080/sparql http://127.0.0.1:8080/graphs

import ParsingClient from 'sparql-http-client/ParsingClient.js';
import StreamClient from 'sparql-http-client';

const [endpointUrl, storeUrl] = process.argv.slice(2);
const parsing = new ParsingClient({ endpointUrl });
const streaming = new StreamClient({ endpointUrl, storeUrl });
const select = 'SELECT ?o WHERE { ?s <http://example.org/p> ?o } ORDER BY ?o';
const construct = 'CONSTRUCT WHERE { ?s <http://example.org/q> ?o }';

async function collected(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return chunks;
}

const solutions = {};
for (const operation of ['get', 'postUrlencoded', 'postDirect']) {
  const rows = await parsing.query.select(select, { operation });
  solutions[operation] = rows.map(row => [row.o.value, row.o.language]);
}
const graph = { termType: 'NamedNode', value: 'http://example.org/g1' };
process.stdout.write(JSON.stringify({
  solutions,
  boolean: await parsing.query.ask('ASK { ?s <http://example.org/q> ?o }'),
  quads: [...await parsing.query.construct(construct)].length,
  streamed: (await collected(streaming.query.select('SELECT * { ?s <urn:is> ?o }'))).length,
  graph: (await collected(streaming.store.get(graph))).map(quad => quad.object.value).sort(),
}));
