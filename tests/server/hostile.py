"""Queries that are large, deep or endless."""

MUCH = 1_000_000
DEEP = 100_000
HOSTILE = {
    "nested groups": "ASK " + "{" * DEEP + "}" * DEEP,
    "nested groups without an end": "ASK " + "{" * MUCH,
    "nested optionals": "ASK { " + "OPTIONAL { " * 50_000 + "}" * 50_001,
    "nested parentheses": f"ASK {{ FILTER({'(' * DEEP}1{')' * DEEP}) }}",
    "nested negations": f"ASK {{ FILTER({'!' * MUCH}true) }}",
    "nested functions": f"ASK {{ FILTER({'STR(' * DEEP}1{')' * DEEP}) }}",
    "nested collections": f"ASK {{ ?a ?b {'(' * DEEP}{')' * DEEP} }}",
    "nested blank nodes": f"ASK {{ ?a ?b {'[:p ' * DEEP}1{']' * DEEP} }}",
    "nested subqueries": "SELECT * " + "{ { SELECT * " * 20_000 + "{}" + "}}" * 20_000,
    "nested paths": f"ASK {{ ?a {'(' * DEEP}:p{')*' * DEEP} ?b }}",
    "nested triples": f"ASK {{ ?a ?b {'<<( ' * 20_000} ?a ?b 1 {')>>' * 20_000} }}",
    "long sum": f"ASK {{ FILTER(1{'+1' * 400_000}) }}",
    "long path": f"ASK {{ ?a :p{'/:p' * 200_000} ?b }}",
    "many alternatives": f"ASK {{ ?a :p{'|:p' * 200_000} ?b }}",
    "many unions": "ASK { {}" + " UNION {}" * 90_000 + " }",
    "many values": f"SELECT * {{ VALUES ?x {{ {'1 ' * 400_000} }} }} LIMIT 1",
    "many prefixes": "".join(f"PREFIX p{n}: <urn:{n}>\n" for n in range(40_000)) + "ASK {}",
    "many variables": "SELECT " + " ".join(f"?v{n}" for n in range(60_000)) + " { ?s ?p ?v1 }",
    "many selects": "SELECT " * 140_000,
    "many triples": "ASK { " + "?a ?b ?c . " * 80_000 + "}",
    "long literal": f"ASK {{ ?a ?b '{'é' * 450_000}' }}",
    "long literal without an end": "ASK { ?a ?b '''" + "x'" * 450_000,
    "long IRI": f"ASK {{ ?a ?b <urn:{'x' * 900_000}> }}",
    "long name": f"ASK {{ ?a ?b :{'x.' * 400_000} }}",
    "long comment": "ASK {} #" + "x" * 900_000,
    "escapes": "ASK { " + "\\u0041" * 150_000,
    "escaped quotes": "ASK { '" + "\\'" * 450_000,
    "words and dots": "a." * 500_000,
    "signs": "." * MUCH,
    "comparisons": "<" * MUCH,
    "spaces": " " * MUCH,
    "service": "ASK { " + "SERVICE " * 120_000,
    "hidden services": "ASK { " + "?service ?p 'SERVICE' . " * 40_000 + "}",
    "emoji": "ASK { ?😀 ?p '" + "😀" * 240_000 + "' }",
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "sorted cross product": "SELECT * { ?a <urn:is> ?c . ?d <urn:is> ?f } ORDER BY DESC(?f) ?c",
    "distinct cross product": "SELECT DISTINCT ?c ?f { ?a <urn:is> ?c . ?d <urn:is> ?f }",
    "endless path": "SELECT (COUNT(*) AS ?n)"
    " { ?a (<urn:is>|^<urn:is>)* ?b . ?c (<urn:is>|!a)+ ?d }",
    "pathological pattern": "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y"
    " FILTER(REGEX(CONCAT(STR(?a), STR(?b)), '((a*)*)*((b|c+)+)+$')) }",
    "huge pattern": "ASK { ?a ?b ?c FILTER(REGEX(STR(?a), '((a{1,1000}){1,1000}){1,1000}')) }",
    "growing string": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?c), STR(?e))) AS ?x)"
    " { ?a <urn:is> ?b . ?c <urn:is> ?d . ?e <urn:is> ?f }",
    "doubled string": "SELECT ?z { VALUES ?a { 'xxxxxxxxxxxxxxxx' } "
    + " ".join(
        f"BIND(REPLACE(?{chr(97 + n)}, 'x', 'xxxxxxxx') AS ?{chr(98 + n)})" for n in range(25)
    )
    + " }",
    "many groups": "SELECT ?a ?d (COUNT(*) AS ?n)"
    " { ?a <urn:is> ?c . ?d <urn:is> ?f } GROUP BY ?a ?d",
    "huge construct": "CONSTRUCT { ?a ?d ?f } { ?a <urn:is> ?c . ?d <urn:is> ?f }",
    "large numbers": f"ASK {{ FILTER({'9' * 500_000} > 1e{'9' * 1000}) }}",
    "large limit": f"SELECT * {{ ?a ?b ?c }} LIMIT {'9' * 1000}",
}  # fmt: skip
