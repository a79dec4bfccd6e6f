// Lines to copy that ask the same elsewhere.

export function snippets(endpoint, query, isGraph) {
  const type = isGraph ? "text/turtle" : "text/csv";
  const shell = `'${query.replaceAll("'", `'\\''`)}'`;
  const json = JSON.stringify(query);
  const python = query.includes('"""') || query.includes("\\") ? json : `"""${query}"""`;
  const template = `\`${query.replace(/[\\`]|\$\{/g, "\\$&")}\``;
  return {
    curl: `curl --fail ${endpoint} -H 'Accept: ${type}' --data-urlencode query=${shell}`,
    Python: isGraph
      ? `import requests\nfrom rdflib import Graph\n\nquery = ${python}\nanswer = requests.post("${endpoint}", data={"query": query}, headers={"Accept": "${type}"})\nanswer.raise_for_status()\ngraph = Graph().parse(data=answer.text, format="turtle")`
      : `import io\nimport pandas\nimport requests\n\nquery = ${python}\nanswer = requests.post("${endpoint}", data={"query": query}, headers={"Accept": "${type}"})\nanswer.raise_for_status()\ntable = pandas.read_csv(io.StringIO(answer.text))`,
    R: `library(httr2)\n\nquery <- ${json}\nanswer <- request("${endpoint}") |>\n  req_headers(Accept = "${type}") |>\n  req_body_form(query = query) |>\n  req_perform()\n${isGraph ? "graph <- rdflib::rdf_parse(resp_body_string(answer), format = \"turtle\")" : "table <- read.csv(text = resp_body_string(answer))"}`,
    JavaScript: `const query = ${template};\nconst answer = await fetch("${endpoint}", {\n  method: "POST",\n  headers: { Accept: "${isGraph ? type : "application/sparql-results+json"}" },\n  body: new URLSearchParams({ query }),\n});\nconst ${isGraph ? "graph = await answer.text()" : "{ results } = await answer.json()"};`,
  };
}
