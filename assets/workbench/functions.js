// SPARQL's functions with their arguments, https://www.w3.org/TR/sparql11-query/#SparqlOps

const WRITTEN = `COUNT(DISTINCT ?x) COUNT(*) SUM(?x) AVG(?x) MIN(?x) MAX(?x) SAMPLE(?x)
GROUP_CONCAT(DISTINCT ?x;SEPARATOR=", ") BOUND(?x) IF(condition,then,else) COALESCE(?x,otherwise)
STR(term) LANG(literal) DATATYPE(literal) LANGMATCHES(LANG(?x),"sv") IRI(text) BNODE() UUID() STRUUID()
STRLEN(text) SUBSTR(text,start,length) UCASE(text) LCASE(text) STRSTARTS(text,beginning)
STRENDS(text,ending) CONTAINS(text,part) STRBEFORE(text,part) STRAFTER(text,part) CONCAT(first,second)
ENCODE_FOR_URI(text) REGEX(text,"pattern","i") REPLACE(text,"pattern",replacement) STRLANG(text,"sv")
STRDT(text,datatype) ISIRI(term) ISBLANK(term) ISLITERAL(term) ISNUMERIC(term) SAMETERM(first,second)
ABS(number) ROUND(number) CEIL(number) FLOOR(number) RAND() NOW() YEAR(date) MONTH(date) DAY(date)
HOURS(date) MINUTES(date) SECONDS(date) TIMEZONE(date) TZ(date) MD5(text) SHA1(text) SHA256(text)
SHA384(text) SHA512(text)`;

// [{name, written: as above, snippet: for CodeMirror, with its arguments as fields}]
export const FUNCTIONS = WRITTEN.split(/(?<=\))\s+/).map((written) => {
  const [, name, inside] = /^(\w+)\((.*)\)$/.exec(written);
  let fields = 0;
  const snippet = inside.replace(/\?x|"pattern"|\b[a-z]+\b(?!["\]])/g, (field) =>
    field === "i" || field === "sv" ? field : `#{${(fields += 1)}:${field}}`,
  );
  return { name, written: written.replaceAll(",", ", "), snippet: `${name}(${snippet.replaceAll(",", ", ")})` };
});

// What a query may begin as, where nothing is written yet; {} is where writing goes on.
export const BEGINNINGS = [
  ["count", "SELECT ?value (COUNT(DISTINCT ?thing) AS ?count) WHERE {\n  ?thing {}\n}\nGROUP BY ?value\nORDER BY ?value\n"],
  [
    "decades",
    `SELECT ?decade ?value (COUNT(DISTINCT ?thing) AS ?count) WHERE {
  ?thing {}
  BIND(CONCAT(SUBSTR(STR(?year), 1, 3), "0") AS ?decade)
}
GROUP BY ?decade ?value
ORDER BY ?decade ?value
`,
  ],
  ["list", "SELECT DISTINCT ?thing WHERE {\n  ?thing {}\n}\nLIMIT 100\n"],
  ["describe", "DESCRIBE {}\n"],
  ["construct", "CONSTRUCT WHERE {\n  ?thing {}\n}\nLIMIT 100\n"],
  ["ask", "ASK {\n  ?thing {}\n}\n"],
];

export const PATTERNS = [
  ["OPTIONAL", "OPTIONAL { #{} }"],
  ["FILTER", "FILTER(#{})"],
  ["FILTER NOT EXISTS", "FILTER NOT EXISTS { #{} }"],
  ["BIND", "BIND(#{} AS ?#{x})"],
  ["VALUES", "VALUES ?#{x} { #{} }"],
  ["UNION", "UNION { #{} }"],
  ["MINUS", "MINUS { #{} }"],
  ["GRAPH", "GRAPH ?#{graph} { #{} }"],
];

export const CLAUSES = [
  ["SELECT", "SELECT #{} WHERE {\n  #{}\n}\n"],
  ["WHERE", "WHERE {\n  #{}\n}"],
  ["DISTINCT", "DISTINCT "],
  ["PREFIX", "PREFIX #{}: <#{}>"],
  ["GROUP BY", "GROUP BY #{}"],
  ["ORDER BY", "ORDER BY #{}"],
  ["ORDER BY DESC", "ORDER BY DESC(#{})"],
  ["HAVING", "HAVING(#{})"],
  ["LIMIT", "LIMIT #{100}"],
  ["OFFSET", "OFFSET #{100}"],
];

// Namespaces in common use; those the server predefines need no declaration.
export const WELL_KNOWN = {
  bf: "http://id.loc.gov/ontologies/bibframe/",
  bflc: "http://id.loc.gov/ontologies/bflc/",
  dbo: "http://dbpedia.org/ontology/",
  dc: "http://purl.org/dc/elements/1.1/",
  dcterms: "http://purl.org/dc/terms/",
  geo: "http://www.opengis.net/ont/geosparql#",
  gn: "http://www.geonames.org/ontology#",
  prov: "http://www.w3.org/ns/prov#",
  schema: "http://schema.org/",
  sh: "http://www.w3.org/ns/shacl#",
  wgs84: "http://www.w3.org/2003/01/geo/wgs84_pos#",
  wikibase: "http://wikiba.se/ontology#",
};
