"""Files as they come: each statement of one is stored, set aside with its place, or counted."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from loader.archive.archive import Archive, Arrival, connect
from loader.errors import InputError
from loader.files import files
from loader.maintenance.statistics import count_all
from loader.store.pipeline import Report
from loader.store.pipeline import load as load_files
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.records import KBV, record, title
from tests.shared import SHARED, needs_shared

Load = Callable[..., Report]
G = "http://example.org/g"
P = "<http://example.org/p>"


def stored(workspace: Workspace, name: str = G) -> list[str]:
    return sorted(GraphStore(workspace.store, read_only=True).graph(name))


def quarantined(workspace: Workspace) -> dict[str, str]:
    archive = Archive(connect(workspace.archive))
    return {entry.identifier: entry.reason for entry in archive.reader.quarantined()}


def problems(workspace: Workspace) -> set[tuple[str, str]]:
    found = count_all(Archive(connect(workspace.archive)))["repaired or dropped"]
    return {(problem["kind"], problem["value"]) for problem in found}


def objects(lines: list[str]) -> list[str]:
    return [line.split(" ", 2)[2] for line in lines]


def file(path: Path, content: str | bytes | dict[str, Any] | list[Any]) -> Path:
    if isinstance(content, dict | list):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Statements of RDF that aren't as they should be

BAD = {
    "a.ttl": (
        '@prefix ex: <http://example.org/> .\nex:a ex:p """one .\nex:no ex:no ex:no .""" .\n'
        "ex:a ex:p <http://example.org/b c> .\n"
        'ex:a ex:p "hej"@sv_SE .\nun:x ex:p 1 . ex:a un:p 2 .\nex:a ex:p "last"; .\n',
        {"a.ttl:6", "a.ttl:6:15"},
    ),
    "a.trig": (
        '@prefix ex: <http://example.org/> .\n<http://example.org/g> { ex:a ex:p "one .\\nex:no'
        ' ex:no ex:no ." ;\n ex:p <http://example.org/b c> .\nex:a ex:p "hej"@sv_SE .\n'
        'un:x ex:p 1 .\nex:a ex:p "last" }\n',
        {"a.trig:5"},
    ),
    "a.nt": (
        f'<http://example.org/a> {P} "one .\\nex:no ex:no ex:no ." .\r\n'
        f"<http://example.org/a> {P} <http://example.org/b c> .\r\n"
        f'<http://example.org/a> {P} "hej"@sv_SE .\r\n<http://example.org/a> {P} "cut .\r\n'
        f'<http://example.org/a> {P} "last" .\r\n',
        {"a.nt:4"},
    ),
    "a.nq": (
        f'<http://example.org/a> {P} "one .\\nex:no ex:no ex:no ." <{G}> .\n'
        f"<http://example.org/a> {P} <http://example.org/b c> <{G}> .\n# a comment\n"
        f'<http://example.org/a> {P} "hej"@sv_SE <{G}> .\n<http://example.org/a> {P} .\n'
        f'<http://example.org/a> {P} "last" <{G}> .\n<http://example.org/a> {P} "c',
        {"a.nq:5", "a.nq:7"},
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_statements_are_repaired_or_set_aside_and_the_good_ones_loaded(
    workspace: Workspace, load: Load, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    text, unreadable = BAD[name]
    report = load(file(tmp_path / name, text), graph=G)
    assert set(objects(stored(workspace))) == {
        '"one .\\nex:no ex:no ex:no ."',
        "<http://example.org/b%20c>",
        '"hej"@sv-se',
        '"last"',
    }
    assert quarantined(workspace).keys() == unreadable
    assert (report.failed, report.unreadable, report.repaired) == (1, len(unreadable), 2)
    assert problems(workspace) == {
        ("repaired", "http://example.org/b c"),
        ("repaired", "@sv_SE"),
    }
    assert ": repaired: http://example.org/b c" in caplog.text


@pytest.mark.parametrize("name", BAD)
def test_strict_refuses_the_file_with_the_first_line_at_fault_and_loads_the_others(
    workspace: Workspace, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [file(tmp_path / name, BAD[name][0]), file(tmp_path / "b.nt", f"<urn:s> {P} <urn:o> .")]
    report = load_files(workspace, files.find_files(paths), G, strict=True)
    assert (report.failed, report.applied) == (1, 1)
    assert stored(workspace) == [f"<urn:s> {P} <urn:o>"]
    assert "not well-formed" in caplog.text


def test_repairs_are_known_after_a_rebuild_too(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    from loader.store import pipeline

    load(file(tmp_path / "a.nt", BAD["a.nt"][0]), graph=G)
    before = problems(workspace)
    pipeline.rebuild(workspace)
    assert problems(workspace) == before != set()


def read(path: Path, **options: Any) -> tuple[list[str], list[files.Fault]]:
    pieces = list(files.read_file(files.find_files([path])[0], **options))
    graphs = [piece.payload.decode() for piece in pieces if isinstance(piece, Arrival)]
    lines = [line for text in graphs for line in text.splitlines() if not line.startswith("#")]
    return lines, [piece for piece in pieces if not isinstance(piece, Arrival)]


def test_prefix_that_a_broken_directive_may_have_changed_is_not_used_again(tmp_path: Path) -> None:
    first = "@prefix ex: <http://example.org/> .\nex:a ex:p ex:o .\n"
    for broken in (
        "@prefix ex: http://other.org/ .\n",
        "@prefx ex: <http://other.org/> .\n",
        "ex:b ex:p ex:o\n@prefix ex: <http://other.org/> .\n",
        'ex:b ex:p "cut .\n@prefix ex: <http://other.org/> ,\n',
        "PREFX ex: <http://other.org/>\n",
    ):
        path = file(tmp_path / "a.ttl", f"{first}{broken}ex:c ex:p ex:o .\n")
        lines, faults = read(path)
        assert lines == [f"<http://example.org/a> {P} <http://example.org/o> ."]
        text = b"".join(
            fault.payload or b"" for fault in faults if isinstance(fault, files.Unreadable)
        )
        assert b"ex:c ex:p ex:o" in text


def test_graph_is_not_guessed_when_braces_do_not_match(tmp_path: Path) -> None:
    prefix = "@prefix ex: <http://example.org/> .\n"
    for broken in ('ex:h { ex:a ex:p "cut . }', "ex:h { ex:a ex:p ex:i { ex:a ex:p 1 . }", "} "):
        path = file(tmp_path / "a.trig", f"{prefix}ex:g {{ ex:a ex:p 1 }}\n{broken}\nex:a ex:p 2 .")
        lines, faults = read(path)
        assert len(lines) == 1
        assert faults


ENDS = {
    "a.trig": f"<{G}1> {P} 1 .\n<{G}> {{ <urn:s> {P} <urn:object> }}",
    "a.ttl": f"<{G}1> {P} 1 .\n<urn:s> {P} <urn:object> .",
    "a.nq": f"<{G}1> {P} <urn:o> .\n<urn:s> {P} <urn:object> .",
}


@pytest.mark.parametrize("name", ENDS)
def test_statement_in_which_a_file_ends_is_set_aside(tmp_path: Path, name: str) -> None:
    for cut in range(1, 12):
        lines, faults = read(file(tmp_path / name, ENDS[name][:-cut]))
        assert len(lines) == 1
        assert faults


def test_text_after_a_long_string_without_an_end_is_set_aside_as_a_whole(tmp_path: Path) -> None:
    text = '@prefix ex: <http://example.org/> .\nex:a ex:p 1 .\nex:b ex:p """cut .\nex:c ex:p 2 .\n'
    lines, faults = read(file(tmp_path / "a.ttl", text))
    assert len(lines) == 1
    (rest,) = faults
    assert isinstance(rest, files.Unreadable)
    assert (rest.location, rest.payload) == ("a.ttl:3", b'ex:b ex:p """cut .\nex:c ex:p 2 .\n')


def test_string_without_an_end_costs_its_own_statement_only(tmp_path: Path) -> None:
    text = '@prefix ex: <http://example.org/> .\nex:b ex:p "cut .\nex:c ex:p """2""" .\n'
    lines, faults = read(file(tmp_path / "a.ttl", text))
    assert lines == [f'<http://example.org/c> {P} "2" .']
    assert [fault.location for fault in faults] == ["a.ttl:2"]


def test_file_without_a_good_statement_is_refused_and_its_former_graph_stays(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = file(tmp_path / "a.ttl", f"<urn:s> {P} 1 .")
    load(path, graph=G)
    report = load(file(path, "<html>\n<p>Not found.</p>\n</html>"), graph=G)
    assert (report.failed, report.unreadable) == (1, 0)
    assert len(stored(workspace)) == 1


def test_text_that_no_store_takes_is_set_aside_and_the_rest_loaded(tmp_path: Path) -> None:
    text = "y" * (17 << 20)
    xml = RDF.format("", f"<e:p>{text}</e:p><e:p>good</e:p>")
    for name, content in (
        ("a.nt", f'<urn:s> {P} "good" .\n<urn:s> {P} "{text}" .'),
        ("a.rdf", xml),
    ):
        lines, faults = read(file(tmp_path / name, content))
        assert objects(lines) == ['"good" .']
        assert len(faults) == 1


# RDF/XML

RDF = (
    '{}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">'
    '\n<rdf:Description rdf:about="http://example.org/a">{}</rdf:Description>\n</rdf:RDF>'
)


def test_xml_with_bad_terms_is_loaded_with_them_repaired_and_their_lines_said(
    workspace: Workspace, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = (
        '<e:p>good</e:p>\n<e:p rdf:resource="http://example.org/b c"/>\n'
        '<e:p xml:lang="sv_SE">hej</e:p>\n<e:p rdf:datatype="http://example.org/t u">1</e:p>'
    )
    report = load(file(tmp_path / "a.rdf", RDF.format("", body)), graph=G)
    assert objects(stored(workspace)) == [
        '"1"^^<http://example.org/t%20u>',
        '"good"',
        '"hej"@sv-se',
        "<http://example.org/b%20c>",
    ]
    assert (report.failed, report.repaired) == (1, 3)
    assert "a.rdf:3: repaired: http://example.org/b c" in caplog.text


def test_xml_without_a_language_is_a_plain_literal_and_no_fault(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    body = '<e:p xml:lang="sv"><rdf:Description><e:p xml:lang="">x</e:p></rdf:Description></e:p>'
    path = file(tmp_path / "a.rdf", RDF.format("", body))
    assert load(path, graph=G).failed == 0
    assert '"x"' in objects(stored(workspace))
    assert load_files(workspace, files.find_files([path]), G, strict=True).failed == 0


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "utf-8", "koi8-r"])
def test_xml_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str) -> None:
    text = "жук" if encoding == "koi8-r" else "på räls"
    xml = RDF.format(f'<?xml version="1.0"\nencoding="{encoding}"?>\n', f"<e:p>{text}</e:p>")
    lines, faults = read(file(tmp_path / "a.rdf", xml.encode(encoding)))
    assert (lines, faults) == ([f'<http://example.org/a> {P} "{text}" .'], [])


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{}]>'.format(
    "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (RDF.format("", "<e:p>x</e:p>")[:-10], r"a\.rdf:3: not well-formed RDF/XML"),
        (RDF.format("", "<e:p>x</e:p>").partition("</rdf:D")[0], "not well-formed RDF/XML"),
        ("", "not well-formed RDF/XML"),
        (RDF.format(BOMB, "<e:p>&i;</e:p>"), "stands for more than"),
        (
            RDF.format(
                '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "<e:p>&a;</e:p>"
            ),
            "nothing is fetched",
        ),
        (RDF.format("", "<e:p>&nbsp;</e:p>"), "undefined entity"),
        (RDF.format('<?xml version="1.0" encoding="utf-7"?>', ""), "convert it to UTF-8"),
    ],
)
def test_xml_that_is_cut_or_wants_more_than_it_has_is_refused(
    tmp_path: Path, xml: str, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        read(file(tmp_path / "a.rdf", xml))


# Bytes

TEXTS = {
    "a.nt": f'<urn:s> {P} "å" .\r\n',
    "a.nq": f'<urn:s> {P} "å" <{G}> .\n',
    "a.ttl": f'<urn:s> {P} "å" .',
    "a.trig": f'<{G}> {{ <urn:s> {P} "å" }}',
    "a.jsonld": '[{"@id": "urn:s", "http://example.org/p": "å"}]',
    "a.ndjson": '{"@id": "urn:s", "http://example.org/p": "å"}\n',
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", TEXTS)
def test_byte_order_mark_says_the_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path = file(tmp_path / name, mark + TEXTS[name].encode(encoding))
    assert read(path) == ([f'<urn:s> {P} "å" .'], [])


@pytest.mark.parametrize("name", TEXTS)
def test_gzip_is_known_by_its_bytes_and_not_by_the_name(tmp_path: Path, name: str) -> None:
    text = TEXTS[name].encode()
    packed = file(tmp_path / name, gzip.compress(text[:9]) + gzip.compress(text[9:]))
    plain = file(tmp_path / f"{name}.gz", text)
    assert read(packed) == read(plain) == ([f'<urn:s> {P} "å" .'], [])


def test_gzip_that_is_cut_empty_or_no_gzip_is_refused_and_the_former_graph_stays(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = file(
        tmp_path / "a.nt.gz", gzip.compress(f"<urn:s> {P} 1 .".replace("1", '"1"').encode())
    )
    load(path, graph=G)
    for content in (path.read_bytes()[:-4], b"", b"BZh91AY&SY", b"(\xb5/\xfd\x04"):
        assert load(file(path, content), graph=G).failed == 1
        assert len(stored(workspace)) == 1


# Names and places


def test_names_that_are_not_utf8_are_loaded_and_their_faults_said(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    path = Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/b\xe5t.nt"))
    file(path, f"<urn:s> {P} <urn:o> .\nbroken\n")
    report = load(tmp_path / "in")
    assert (report.received, report.unreadable) == (1, 1)
    assert stored(workspace, "file:b%E5t.nt") == [f"<urn:s> {P} <urn:o>"]
    assert quarantined(workspace).keys() == {"b\\xe5t.nt:2"}


def test_folder_with_loops_dead_links_and_other_files_is_loaded_and_what_is_lost_said(
    workspace: Workspace, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, other = tmp_path / "in", tmp_path / "other"
    for place in (folder / "sub", other):
        place.mkdir(parents=True)
        file(place / "a.nt", f"<urn:{place.name}> {P} <urn:o> .")
    file(folder / "notes.md", "not data")
    (folder / "loop").symlink_to(folder)
    (folder / "linked").symlink_to(other)
    (folder / "dead.nt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "pipe.nt")
    caplog.set_level("INFO")
    report = load(folder, graph=G)
    assert (report.received, report.failed) == (2, 1)
    assert len(stored(workspace)) == 2
    assert "dead.nt: cannot be read: No such file or directory" in caplog.text
    assert "1 files of unknown kind are passed over: notes.md" in caplog.text


@pytest.mark.skipif(os.geteuid() == 0, reason="everything can be read by the superuser")
def test_what_may_not_be_read_is_said(workspace: Workspace, load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for path in (folder / "a.nt", folder / "sub", file(folder / "b.nt", f"<urn:s> {P} <urn:o> .")):
        path.touch()
    (folder / "a.nt").chmod(0)
    (folder / "sub").chmod(0)
    report = load(folder)
    (folder / "sub").chmod(0o700)
    assert (report.received, report.failed) == (1, 2)


def test_pipes_are_read_once_and_each_keeps_what_it_brought(
    workspace: Workspace, tmp_path: Path
) -> None:
    read_end, write_end = os.pipe()
    named = tmp_path / "b.nt"
    os.mkfifo(named)
    feeder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; open(sys.argv[1], 'w').write('<urn:b> <urn:p> <urn:o> .')",
        ]
        + [str(named)]
    )
    os.write(write_end, gzip.compress(b"<urn:a> <urn:p> <urn:o> ."))
    os.close(write_end)
    with files.gather_files([Path(f"/dev/fd/{read_end}"), named], "nt") as inputs:
        report = load_files(workspace, inputs, G)
    os.close(read_end)
    feeder.wait()
    assert (report.received, report.failed) == (2, 0)
    assert len(stored(workspace)) == 2


def test_format_that_is_not_known_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown format"), files.gather_files([], "doc"):
        pass


# JSON

MADE = record("a", {"label": "Ett"}, controlNumber="a")
RECORD, THING = MADE["@graph"]
SHAPES = {
    "framed": RECORD | {"mainEntity": THING},
    "framed, with the link back and a context": RECORD
    | {"@context": "/context.jsonld", "mainEntity": THING | {"meta": {"@id": RECORD["@id"]}}},
    "a thing with meta": THING | {"meta": {k: v for k, v in RECORD.items() if k != "mainEntity"}},
    "a flat list": [RECORD, THING],
    "a list of a record": [MADE],
    "a list of a framed record": [RECORD | {"mainEntity": THING}],
    "entry and items": {"descriptions": {"entry": RECORD, "items": [THING], "quoted": []}},
    "entry and items, about": {
        "descriptions": {
            "entry": {k: v for k, v in RECORD.items() if k != "mainEntity"}
            | {"about": {"@id": THING["@id"]}},
            "items": [THING],
        }
    },
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["r.json", "r.jsonld", "r.jsonl"])
def test_a_record_in_another_shape_is_the_same_record(
    tmp_path: Path, shape: str, name: str
) -> None:
    (arrival,) = files.read_file(files.find_files([file(tmp_path / name, SHAPES[shape])])[0])
    assert arrival == files.read_record(MADE, "made")


def test_addresses_of_before_2017_are_made_absolute(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    entry = {
        "@id": "/bib/1",
        "@type": "Record",
        "about": {"@id": "/resource/bib/1"},
        "agency": {"@id": "/some?type=Organization&name=L"},
    }
    named = {"@graph": {"@id": "/some?type=Organization&name=L", "name": "L"}}
    items = [{"@id": "/resource/bib/1", "@type": ["Text", "Monograph"]}]
    old = {"descriptions": {"entry": entry, "items": items, "quoted": [named]}}
    load(file(tmp_path / "r.jsonld", old))
    lines = stored(workspace, "http://libris.kb.se/bib/1")
    assert (
        f"<http://libris.kb.se/bib/1> <{KBV}mainEntity> <http://libris.kb.se/resource/bib/1>"
        in lines
    )
    assert any(line.endswith(f'<{KBV}name> "L"') for line in lines)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"@type": "Record", "@id": "http://example.org/1", "title": "x"}, "title, Record"),
        ({"a": [{"b": 1}]}, "neither a Libris record nor JSON-LD"),
        ("7", "int"),
        ({"@context": {"p": "urn:p"}, "@id": "urn:s", "q": 1}, "no statement in it"),
        ({"@context": "https://schema.org", "mainEntity": {"@id": "urn:s"}}, "https://schema.org"),
        ({"@context": ["http://lobid.org/gnd/context.jsonld", {}], "id": "x"}, "gnd/context"),
        ({"@context": {"@import": "./shared.jsonld"}, "id": "x"}, "./shared.jsonld"),
        ({"urn:p": {"@context": "https://example.org/c", "@id": "urn:s"}}, "put what that address"),
    ],
)
def test_json_that_says_nothing_here_is_refused_with_a_sentence(
    workspace: Workspace, load: Load, tmp_path: Path, content: Any, reason: str
) -> None:
    report = load(file(tmp_path / "a.json", content))
    assert (report.received, report.unreadable) == (0, 1)
    assert reason in quarantined(workspace)["a.json:1"]


def test_json_ld_that_names_the_context_of_libris_gets_it(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    thing = {"@context": "https://id.kb.se/context.jsonld", "@id": "urn:s", "label": "x"}
    load(file(tmp_path / "a.jsonld", thing), graph=G)
    assert stored(workspace) == [f'<urn:s> <{KBV}label> "x"']


def test_what_is_repaired_or_dropped_of_json_ld_is_known(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    context = {"@vocab": "http://example.org/", "l": {"@container": "@language"}}
    said = {"sv_SE": "hej", "en": "hi", "!": "x"}
    thing = {
        "@context": context,
        "@id": "urn:s",
        "l": said,
        "q": {"@id": "http://[x"},
        "r": {"@id": "://"},
    }
    report = load(file(tmp_path / "a.jsonld", thing), graph=G)
    assert objects(stored(workspace)) == ['"hej"@sv-se', '"hi"@en', "<http://%5Bx>"]
    assert problems(workspace) == {
        ("repaired", "@sv_SE"),
        ("repaired", "http://[x"),
        ("dropped", "@!"),
        ("dropped", "://"),
    }
    assert report.dropped == 2


ALIASES = {"a": "http://example.org/a", "id": "@id", "type": "@type", "lang": "@language"}
VALUE = {**ALIASES, "value": {"@id": "@value"}}


@pytest.mark.parametrize(
    ("context", "thing", "dropped"),
    [
        (VALUE, {"value": "x", "lang": "sv"}, []),
        (VALUE, {"a": "x", "value": "lost"}, ['{"a":"x","@value":"lost"}']),
        (ALIASES, {"a": "x", "@value": {"a": "lost"}}, ['{"a":"x","@value":{"a":"lost"}}']),
        ([VALUE, ALIASES, None, ALIASES], {"a": "x", "type": "@lost"}, ["@lost"]),
        (ALIASES, {"a": {"lang": "sv"}, "id": "http://example.org/x"}, ['{"@language":"sv"}']),
        (ALIASES, {"a": {"@context": VALUE, "value": "x", "type": "@json"}}, []),
        (ALIASES, {"a": "x", "@index": "said nowhere in RDF"}, []),
    ],
)
def test_losses_of_json_ld_are_known_under_its_own_names_for_keywords(
    tmp_path: Path, context: Any, thing: dict[str, Any], dropped: list[str]
) -> None:
    content = {"@context": context, "@id": "http://example.org/s", "@graph": [{"a": "x"}]}
    content["@graph"].append({"@id": "http://example.org/t", "a": thing})
    _, faults = read(file(tmp_path / "x.jsonld", content))
    assert [fault.value for fault in faults if isinstance(fault, files.Mended)] == dropped


def test_lines_of_json_ld_are_read_one_by_one_and_their_labels_kept_apart(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    lines = [
        {"@context": {"p": "http://example.org/p"}, "@graph": [{"@id": "_:b0", "p": n}]}
        for n in range(3)
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines) + '{"@id": \n'
    report = load(file(tmp_path / "a.jsonld.gz", gzip.compress(text.encode())), graph=G)
    assert len({line.split()[0] for line in stored(workspace)}) == 3
    assert report.unreadable == 1


def test_records_written_over_lines_are_read_and_a_cut_one_is_told_apart(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    for indent in (0, 2, "\t"):
        texts = [json.dumps(title(f"r{n}", "{[\"'"), indent=indent) for n in range(4)]
        assert load(file(tmp_path / "r.jsonl", "\n".join(texts))).received == 4
        texts[1] = texts[1][:-20]
        report = load(file(tmp_path / "r.jsonl", "\n".join(texts)))
        assert report.unreadable == 1 if indent else report.unreadable >= 1
        if indent:
            assert report.received == 3
    texts = [json.dumps(title(f"r{n}", "x")) for n in range(3)]
    report = load(file(tmp_path / "s.jsonl", f"{texts[0]}\n{texts[1][:40]}\n{texts[2]}"))
    assert (report.received, report.unreadable) == (2, 1)


def test_numbers_are_kept_as_they_were_written(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    numbers = {
        "18446744073709551616": "integer",
        "-9223372036854775809": "integer",
        "12345678901234567890123": "integer",
        "0.12345678901234567890123": "decimal",
    }
    written = ",".join(numbers)
    text = json.dumps(record("a", {"code": "N"})).replace(
        '"N"', f'[{written},{{"@value":{written[:20]}}}]'
    )
    load(file(tmp_path / "r.json", text))
    load(
        file(tmp_path / "p.jsonld", f'{{"@id": "urn:s", "http://example.org/p": [{written}]}}'),
        graph=G,
    )
    typed = {
        f'"{number}"^^<http://www.w3.org/2001/XMLSchema#{kind}>' for number, kind in numbers.items()
    }
    of_record = [
        statement
        for statement in stored(workspace, "https://libris.kb.se/a")
        if "/code>" in statement
    ]
    assert set(objects(of_record)) == set(objects(stored(workspace))) == typed


@needs_shared
def test_real_files_come_through_as_the_parser_has_them() -> None:
    for path in sorted((SHARED / "bibframe").iterdir()):
        if path.name == "2026888777.xml":  # isn't RDF/XML
            continue
        form = ox.RdfFormat.JSON_LD if path.suffix == ".jsonld" else ox.RdfFormat.RDF_XML
        expected = sum(
            1 for _ in {str(q) for q in ox.parse(path.read_bytes(), form, base_iri="file:x")}
        )
        lines, faults = read(path)
        assert (len(lines), faults) == (expected, [])
