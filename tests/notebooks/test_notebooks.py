"""The notebooks, executed on the sample; what they count is counted anew from its records."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from loader.workspace import Workspace
from tests.conftest import SAMPLE
from tests.server.conftest import Server

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
SWEDISH = "https://id.kb.se/language/swe"


class Executed:
    """What notebooks have left behind: of each its ``numbers``, and how many pictures."""

    def __init__(self) -> None:
        self.numbers: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, int] = {}


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def execute(where: str, names: list[str]) -> Executed:
    """Execute notebooks one after the other in one kernel, which forgets all in between."""
    whole = nbformat.v4.new_notebook()
    begin = nbformat.v4.new_code_cell(f"%env LIBRIS={where}")
    whole.cells.append(begin)
    places = {}
    for name in names:
        cells = read(name).cells
        places[name] = (len(whole.cells), len(whole.cells) + len(cells))
        whole.cells += [*cells, nbformat.v4.new_code_cell("%reset -f")]
    NotebookClient(whole, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    executed = Executed()
    for name, (begins, ends) in places.items():
        outputs = [
            output for cell in whole.cells[begins:ends] for output in cell.get("outputs", ())
        ]
        executed.pictures[name] = sum("image/png" in output.get("data", {}) for output in outputs)
        executed.numbers[name] = ast.literal_eval(outputs[-1]["data"]["text/plain"])
    return executed


@pytest.fixture(scope="module")
def executed(serving: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executed]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield execute(serving.address, NAMES)


class Sample:
    """The sample's records, counted without any of what the notebooks use."""

    @cached_property
    def graphs(self) -> list[list[dict[str, Any]]]:
        lines = (SAMPLE / "records.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["@graph"] for line in lines]

    @cached_property
    def titles(self) -> list[dict[str, Any]]:
        return [thing for _, thing in self.graphs if "instanceOf" in thing]

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        return [thing for _, thing in self.graphs if "itemOf" in thing]

    @cached_property
    def agents(self) -> list[dict[str, Any]]:
        kinds = ("Person", "Organization", "Family", "Meeting", "Jurisdiction")
        return [thing for _, thing in self.graphs if thing["@type"] in kinds]

    @cached_property
    def things(self) -> dict[str, dict[str, Any]]:
        return {thing["@id"]: thing for _, thing in self.graphs}

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a link leads to; what is described on the spot."""
        return self.things[node["@id"]] if set(node) == {"@id"} else node

    def work(self, title: dict[str, Any]) -> dict[str, Any]:
        return self.resolve(title["instanceOf"])

    def name(self, agent: dict[str, Any]) -> str:
        there = self.resolve(agent)
        if "familyName" in there:
            return f"{there['familyName']}, {there['givenName']}"
        return str(there.get("name") or there["label"][0])

    def year(self, title: dict[str, Any]) -> str | None:
        years = [
            publication.get("year")
            for publication in title["publication"]
            if publication["@type"] == "PrimaryPublication"
        ]
        return next((year for year in years if year), None)

    def holders(self) -> dict[str, set[str]]:
        holders: dict[str, set[str]] = {}
        for item in self.items:
            holders.setdefault(item["itemOf"]["@id"], set()).add(item["heldBy"]["@id"])
        return holders


RECORDS = Sample()


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ("PORT=8123", "http://127.0.0.1:8123"),
        ("DATA=other", str(FOLDER.parent / "other")),
        ("SECONDS=1", None),
    ],
)
def test_make_names_the_server_or_folder_that_is_asked_for(given: str, where: str | None) -> None:
    command = ["make", "--dry-run", "notebooks", given]
    said = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    exported = re.findall(r"export LIBRIS='(.*?)'", said.stdout)
    assert exported == ([where] if where else [])


def test_every_notebook_has_pictures_and_numbers(executed: Executed) -> None:
    assert set(executed.numbers) == set(NAMES)
    assert all(executed.pictures[name] for name in NAMES)


def test_first_steps(executed: Executed) -> None:
    kinds = Counter(agent["@type"] for agent in RECORDS.agents)
    assert executed.numbers["1-first-steps"] == {
        "titles with a year": sum(RECORDS.year(title) is not None for title in RECORDS.titles),
        "persons and organisations": kinds["Person"] + kinds["Organization"],
    }


def test_translations_and_books_for_children(executed: Executed) -> None:
    directions: Counter[str] = Counter()
    children = in_swedish = 0
    for title in RECORDS.titles:
        work = RECORDS.work(title)
        languages = {language["@id"] for language in work.get("language", ())}
        if any(
            audience["@id"].endswith("Juvenile") for audience in work.get("intendedAudience", ())
        ):
            children += 1
            in_swedish += SWEDISH in languages
        originals = [
            language["@id"]
            for original in work.get("translationOf", ())
            for language in RECORDS.resolve(original).get("language", ())
        ]
        if SWEDISH in languages and "translationOf" in work:
            directions["into Swedish"] += 1
        elif SWEDISH in originals:
            directions["from Swedish"] += 1
        elif "translationOf" in work:
            directions["others"] += 1
    assert executed.numbers["2-translations-and-children"] == {
        **directions,
        "for children": children,
        "for children in Swedish": in_swedish,
    }


def test_publishers_and_places(executed: Executed) -> None:
    publications = [each for title in RECORDS.titles for each in title["publication"]]
    places = Counter(each["place"][0]["label"][0] for each in publications if each.get("place"))
    publishers = {RECORDS.name(each["agent"]) for each in publications if each.get("agent")}
    assert executed.numbers["3-publishers-and-places"] == {
        "places stated": places.total(),
        "places accepted": places.total(),
        "in the commonest place": max(places.values()),
        "different publishers": len(publishers),
    }


def test_links_to_wikidata(executed: Executed) -> None:
    persons = [agent for agent in RECORDS.agents if agent["@type"] == "Person"]
    linked = {
        person["@id"]
        for person in persons
        for link in person.get("exactMatch", ())
        if "wikidata.org" in link["@id"]
    }
    authors = {
        contribution["agent"].get("@id")
        for work in [*map(RECORDS.work, RECORDS.titles), *RECORDS.things.values()]
        for contribution in work.get("contribution", ())
        if contribution["@type"] == "PrimaryContribution"
    }
    assert executed.numbers["4-links-to-wikidata"] == {
        "persons": len(persons),
        "persons linked": len(linked),
        "authors with a known gender": len(linked & authors),
    }


def test_overlap_and_last_copies(executed: Executed) -> None:
    holders = RECORDS.holders()
    assert executed.numbers["5-overlap-and-last-copies"] == {
        "titles held": len(holders),
        "held by one alone": sum(len(libraries) == 1 for libraries in holders.values()),
        "lost": 0,
    }


def test_growth_and_size(executed: Executed) -> None:
    years = {title["@id"]: RECORDS.year(title) for title in RECORDS.titles}
    held = sum(
        len(libraries) for title, libraries in RECORDS.holders().items() if years[title] is not None
    )
    assert executed.numbers["6-growth-and-size"] == {
        "records with a date": len(RECORDS.graphs),
        "titles by library and decade": held,
        "engines agree": True,
    }


def test_notebooks_read_a_folder_where_there_is_no_server(published: Workspace) -> None:
    numbers = execute(str(published.root), ["5-overlap-and-last-copies"]).numbers
    assert numbers["5-overlap-and-last-copies"]["titles held"] == len(RECORDS.holders())


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_kept_without_outputs_and_says_no_number_itself(name: str) -> None:
    notebook = read(name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
        else:
            prose = re.sub(r"`[^`]*`", "", cell.source)
            assert not re.search(r"\d", prose), prose
