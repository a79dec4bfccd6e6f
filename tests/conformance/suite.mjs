// Runs one W3C test suite against a server, by npm's rdf-test-suite.
//
//   node suite.mjs '{"manifest": …, "files": …, "endpoint": …, "accept": …}'
//
// What needs to be in the store is asked of the parent process: a line of JSON on standard output,
// answered by one on standard input. Results are lines of JSON too. Nothing else is written there.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable, setDefaultHighWaterMark } from 'node:stream';
import { Writer } from 'n3';
import {
  ManifestLoader,
  QueryResultQuads,
  TestCaseQueryEvaluationHandler,
  Util,
} from 'rdf-test-suite';

const TIMEOUT = 30_000; // milliseconds for one test
const RELEASE = 20_000; // milliseconds until the server has taken up a release
// rdf-test-suite copies each body to a stream that nobody reads (Util.fetchCached), and waits for it
// to be read as soon as it is full: after 16 KiB. So what a stream takes is more than any body here.
setDefaultHighWaterMark(false, 16 * 1024 * 1024);
const suite = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin });
const answers = [];
const graphs = `${new URL(suite.endpoint).origin}/graphs`;

lines.on('line', line => answers.shift()(JSON.parse(line)));

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function ask(message) {
  say(message);
  return new Promise(resolve => answers.push(resolve));
}

// Putting data into the store

function nquads(quads) {
  const writer = new Writer({ format: 'N-Quads' });
  writer.addQuads(quads);
  return new Promise((resolve, reject) =>
    writer.end((error, text) => (error ? reject(error) : resolve(text))));
}

async function publish(quads) {
  const { release } = await ask({ publish: await nquads(quads) });
  await served(release);
}

async function served(release) {
  const deadline = Date.now() + RELEASE;
  while (Date.now() < deadline) {
    const response = await fetch(`${suite.endpoint}?query=ASK%7B%7D`);
    await response.text();
    if (response.headers.get('libris-release') === String(release)) {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`release ${release} was not taken up`);
}

// Asking

async function send(query, accept, baseIRI) {
  const response = await fetch(suite.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/sparql-query', accept },
    // The suites' queries are relative to the files they stand in.
    body: `BASE <${baseIRI}>\n${query}`,
  });
  if (!response.ok) {
    throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  }
  return response;
}

const engine = {
  async parse(query, { baseIRI }) {
    await (await send(query, '*/*', baseIRI)).text();
  },
  async query(data, query, { baseIRI, checkOrder }) {
    await publish(data);
    const response = await send(query, `${suite.accept}, application/n-triples`, baseIRI);
    const kind = response.headers.get('content-type');
    const text = await response.text();
    const result = await TestCaseQueryEvaluationHandler
      .parseQueryResult(kind, suite.endpoint, Readable.from([text]));
    result.checkOrder = checkOrder;
    return result;
  },
  async queryResultFormat(data, query, accept, { baseIRI }) {
    await publish(data);
    const response = await send(query, accept, baseIRI);
    if (!response.headers.get('content-type').startsWith(accept)) {
      throw new Error(`${accept} was asked for, ${response.headers.get('content-type')} came`);
    }
    return Readable.from([await response.text()]);
  },
};

// The server is read-only: what the tests of the Graph Store Protocol write is put into the store
// like all test data, and answered by the parent; what they read is asked of the server.
async function graphStoreFetch(url, init = {}) {
  if ([undefined, 'GET', 'HEAD'].includes(init.method)) {
    return network(url, init);
  }
  const body = init.body ? Buffer.from(init.body).toString('base64') : '';
  const headers = Object.fromEntries(init.headers ?? []);
  const write = { method: init.method, url, store: graphs, headers, body };
  const { release, status, location } = await ask({ write });
  await withNetwork(() => served(release));
  return new Response(null, { status, headers: location ? { location } : {} });
}

const network = globalThis.fetch;

async function withNetwork(run) {
  const replaced = globalThis.fetch;
  globalThis.fetch = network;
  try {
    return await run();
  } finally {
    globalThis.fetch = replaced;
  }
}

// Running

function tests(manifest) {
  return [
    ...(manifest.testEntries ?? []),
    ...(manifest.subManifests ?? []).flatMap(tests),
  ];
}

function limited(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), TIMEOUT);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function run(test) {
  if (test.graphData) { // of the protocol: loaded by an update otherwise
    test.loadGraphData = () => publish(test.graphData);
  }
  const endpoints = {
    protocolEndpoint: suite.endpoint,
    serviceDescriptionEndpoint: suite.endpoint,
    graphStoreEndpoint: graphs,
  };
  try {
    await limited(test.test(engine, endpoints));
    return { test: test.uri, ok: true };
  } catch (error) {
    return { test: test.uri, ok: false, reason: String(error.message ?? error) };
  }
}

async function main() {
  Util.extensionToContentType.rdf = 'application/rdf+xml';
  const options = { urlToFileMappings: suite.files ? [suite.files] : [] };
  const manifest = await new ManifestLoader().from(suite.manifest, options);
  const only = new RegExp(suite.only ?? '', 'u');
  const skip = suite.skip ? new RegExp(suite.skip, 'u') : null;
  const chosen = tests(manifest)
    .filter(test => only.test(test.uri) && !skip?.test(test.uri));
  if (suite.graphStore) {
    globalThis.fetch = graphStoreFetch;
  }
  for (const test of chosen) {
    say({ result: await run(test) });
  }
  lines.close();
}

await main();
if (process.stdout.writableLength > 0) {
  await once(process.stdout, 'drain');
}
