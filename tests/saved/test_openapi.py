"""The description of all addresses: valid, complete, and what the server really does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from sparql_server.catalogue.query_files import load
from sparql_server.settings import QUERIES
from sparql_server.web.openapi.openapi_document import describe_server
from tests.saved.html import Browser
from tests.server.conftest import Server
from tests.server.http import request

pytestmark = pytest.mark.long

HERE = Path(__file__).parent / "openapi"
CATALOGUE = load(QUERIES)
DOCUMENT: dict[str, Any] = describe_server(CATALOGUE, "http://localhost/")

# Each kind of parameter; and, less closely, the addresses that are always there.
KINDS = "^/queries/changed-since$"
ALWAYS = "^/(queries/(publishers-over-time|[{].*)?|sparql|graphs|health|search|schema)$"


def test_description_is_valid_openapi(sample: Server, own: Server) -> None:
    for server in (sample, own):
        reply = request(server, "GET", "/openapi.json")
        assert reply.headers["content-type"] == "application/json"
        document = reply.json()
        assert document["openapi"].startswith("3.1.")
        assert document["servers"] == [{"url": server.address}]
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
        again = request(server, "GET", "/openapi.json", If_None_Match=reply.headers["etag"])
        assert again.status == 304


@pytest.mark.parametrize("name", CATALOGUE.queries)
def test_every_saved_query_is_an_operation(name: str) -> None:
    query = CATALOGUE.queries[name]
    operation = DOCUMENT["paths"][f"/queries/{name}"]["get"]
    assert operation["summary"] == query.title["en"]
    found = {entry["name"]: entry for entry in operation["parameters"] if "name" in entry}
    for parameter in query.parameters:
        said = found[parameter.name]
        assert parameter.labels["sv"] in said["description"]
        assert said["required"] is (parameter.required and not parameter.default)
        assert ("default" in said["schema"]) is bool(parameter.default)
        assert ("items" in said["schema"]) is parameter.multiple
        assert said["example"]
    assert {"400", "406", "410", "503"} <= set(operation["responses"])
    assert "text/csv" in operation["responses"]["200"]["content"]


def test_every_address_of_the_server_is_described(sample: Server) -> None:
    """The server's own list of addresses, but for files and the names of queries."""
    code = (
        "from sparql_server.web.app import create_app\n"
        "from sparql_server.settings import Settings\n"
        "from sparql_server.serving.composition import make_endpoint, make_engine\n"
        "settings = Settings(__import__('pathlib').Path('.'))\n"
        "app = create_app(make_endpoint(settings, make_engine(settings)))\n"
        "print(*{rule.rule for rule in app.url_map.iter_rules()}, sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rules = set(done.stdout.split()) - {"/static/<path:filename>", "/graphs/<path:rest>"}
    described_as = {
        "/<path:rest>": "/{id}",
        "/id.kb.se/<path:rest>": "/id.kb.se/{id}",
        "/queries/<name>": "/queries/{name}.{format}",
        "/tables/<name>": "/tables/{name}",
        "/dumps/<name>": "/dumps/{name}",
        "/sitemaps/things-<int:number>.xml": "/sitemaps/things-{number}.xml",
        "/queries/<name>/values/<parameter>": "/queries/{name}/values/{parameter}",
    }
    paths = set(DOCUMENT["paths"])
    rules = {described_as.get(rule, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)) for rule in rules}
    assert rules == paths - {f"/queries/{name}" for name in CATALOGUE.queries}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_description_is_a_page_too(sample: Server, language: str) -> None:
    browser = Browser(sample, language)
    page = browser.open("/api")
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            place = page.get_element_by_id(operation["operationId"])
            assert path in place.getparent().text_content()
    loaded = page.xpath("//@src | //link/@href")
    assert all(address.startswith("/static/") for address in loaded)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("everything", ["--phases", "examples"]),
        ("always", ["--phases", "fuzzing", "--max-examples", "3", "--include-path-regex", ALWAYS]),
        ("kinds", ["--phases", "coverage", "--include-path-regex", KINDS]),
    ],
)
def test_schemathesis_finds_nothing(
    sample: Server, name: str, options: list[str], tmp_path: Path
) -> None:
    command = [Path(sys.executable).parent / "schemathesis", "--no-color"]
    command += ["--config-file", str(HERE / "schemathesis.toml"), "run"]
    command += [f"{sample.address}/openapi.json", "--seed", "1", "--workers", "2", *options]
    command += ["--continue-on-failure", "--generation-database", ":memory:"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated is not None
    assert int(generated[1]) == int(generated[2]) > 10


def test_description_fits_in_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
