// Lines to copy that ask the same elsewhere. Tables come as Arrow where a library reads it: with types.

const ARROW = "application/vnd.apache.arrow.stream";

export function snippets(endpoint, query, isGraph) {
  const type = isGraph ? "text/turtle" : "text/csv";
  const shell = `'${query.replaceAll("'", `'\\''`)}'`;
  const json = JSON.stringify(query);
  const python = /"""|\\|"$/.test(query) ? json : `"""${query}"""`;
  const template = `\`${query.replace(/[\\`]|\$\{/g, "\\$&")}\``;
  const posted = (accept) => `query = ${python}\nanswer = requests.post("${endpoint}", data={"query": query}, headers={"Accept": "${accept}"})\nanswer.raise_for_status()`;
  const performed = (accept) => `query <- ${json}\nanswer <- request("${endpoint}") |>\n  req_headers(Accept = "${accept}") |>\n  req_body_form(query = query) |>\n  req_perform()`;
  const lines = {
    curl: `curl --fail ${endpoint} -H 'Accept: ${type}' --data-urlencode query=${shell}`,
    Python: isGraph
      ? `import requests\nfrom rdflib import Graph\n\n${posted(type)}\ngraph = Graph().parse(data=answer.text, format="turtle")`
      : `import io\nimport pandas\nimport requests\n\n${posted(type)}\ntable = pandas.read_csv(io.StringIO(answer.text), keep_default_na=False, na_values=[""])`,
    R: `library(httr2)\n\n${performed(type)}\n${isGraph ? "graph <- rdflib::rdf_parse(resp_body_string(answer), format = \"turtle\")" : "table <- read.csv(text = resp_body_string(answer), na.strings = \"\")"}`,
    JavaScript: `const query = ${template};\nconst answer = await fetch("${endpoint}", {\n  method: "POST",\n  headers: { Accept: "${isGraph ? type : "application/sparql-results+json"}" },\n  body: new URLSearchParams({ query }),\n});\nconst ${isGraph ? "graph = await answer.text()" : "{ results } = await answer.json()"};`,
  };
  if (isGraph) return lines;
  return {
    ...lines,
    "Python, Arrow": `import io\nimport pyarrow.ipc\nimport requests\n\n${posted(ARROW)}\ntable = pyarrow.ipc.open_stream(io.BytesIO(answer.content)).read_pandas()`,
    "R, Arrow": `library(httr2)\n\n${performed(ARROW)}\ntable <- arrow::read_ipc_stream(resp_body_raw(answer))`,
  };
}
