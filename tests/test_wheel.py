"""The wheel: everything is in it, and what README shows works where it alone is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import urllib.parse
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tests.documents import ROOT, examples

PACKAGES = ("loader", "queries", "sparql_server")


def can_build() -> bool:
    """Whether setuptools is here, and knows a licence written as pyproject.toml has it."""
    versions = [distribution.version for distribution in metadata.distributions(name="setuptools")]
    return bool(versions) and int(versions[0].partition(".")[0]) >= 77


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not can_build(), reason="needs setuptools 77: make install"),
]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done


def source_files() -> Iterator[str]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                yield str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of a copy: building writes beside the sources. No network is asked."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    pip = (sys.executable, "-m", "pip")
    run(*pip, "wheel", "--quiet", *offline, "--wheel-dir", place, source, cwd=place)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The programs of a fresh environment in which the wheel is; its libraries are the tests'."""
    place = wheel.parent / "environment"
    venv.create(place, symlinks=True)
    folder = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    # A folder that a .pth file names has its own .pth files unread: the project itself stays out.
    libraries = sysconfig.get_path("purelib")
    (place / folder / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    install = ("install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, *install, wheel, cwd=wheel.parent)
    return place / "bin"


def test_wheel_has_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == set(source_files())


def without_times(text: str) -> list[str]:
    return [re.sub(r"\bin [\d.]+ s\b", "in … s", line) for line in text.splitlines()]


def test_loading_and_asking_in_readme_works_where_the_wheel_is_installed(
    installed: Path, tmp_path: Path
) -> None:
    shown = [
        example
        for example in examples()
        if example.document == "README.md" and " --data mine" in example.command
    ]
    commands = [example for example in shown if example.command.startswith("libris-")]
    assert [command.command.split()[1] for command in commands] == ["load", "release", "query"]
    (where,) = (example.command for example in shown if "loader.__path__" in example.command)
    find = where[where.index("$(") + 2 : where.index(")/sample")].replace("/opt/libris/bin/", "")
    sample = run("/bin/sh", "-c", f"{installed}/{find}", cwd=tmp_path).stdout.strip() + "/sample"
    assert sample.startswith(str(installed.parent))
    for example in commands:
        command = f"{installed}/{example.command}".replace("loader/sample", sample)
        done = run("/bin/sh", "-c", command, cwd=tmp_path)
        printed = without_times(done.stderr) + without_times(done.stdout)
        assert printed == without_times(example.output)


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """A server as it is installed, on a record of the sample."""
    (line, *_) = (ROOT / "loader" / "sample" / "records.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "one.jsonl").write_text(line, encoding="utf-8")
    run(installed / "libris-loader", "load", "one.jsonl", cwd=tmp_path)
    run(installed / "libris-loader", "release", cwd=tmp_path)
    command = [str(installed / "libris-sparql"), "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stderr is not None
        lines = (re.search(r"on (http://[\d.:]+)/", line) for line in server.stderr)
        match = next(filter(None, lines), None)
        assert match is not None
        threading.Thread(target=server.stderr.read, daemon=True).start()
        yield match[1]
        server.terminate()


def test_installed_server_has_queries_pages_and_descriptions(address: str) -> None:
    for path in (
        "/?lang=en",
        "/queries/books-per-year.csv",
        "/openapi.json",
        "/api",
        "/queries.ttl",
    ):
        with urllib.request.urlopen(address + path) as answer:
            assert answer.status == 200
            assert answer.read()
    page = urllib.request.Request(
        f"{address}/queries/publishers-over-time", headers={"Accept": "text/html"}
    )
    with urllib.request.urlopen(page) as answer:
        static = re.findall(r'(?:href|src)="([^"]*static[^"]*)"', answer.read().decode())
    assert {name.partition("?")[0].rpartition(".")[2] for name in static} == {"css", "js"}
    for path in static:
        with urllib.request.urlopen(urllib.parse.urljoin(address, path)) as answer:
            assert answer.read()
