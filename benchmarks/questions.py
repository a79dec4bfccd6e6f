"""The questions in queries/example, with constants that the generated records have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

QUERIES = Path(__file__).resolve().parents[1] / "queries" / "example"

# What a question names and no generated record has, and what stands in its place. The same for
# every engine. Records are created from 1989 to 2012; a library stands for a bibliography.
_IN_ITS_PLACE: dict[str, dict[str, str]] = {
    "books-digitised-count": {'"1992"': '"2012"'},
    "books-digitised-titles": {'"1992"': '"2012"'},
    "comics-creators-translated-to-swedish": {"saogf:Tecknade%20serier": "saogf:Medicin"},
    "electronic-legal-deposit": {"lib:EPLK": "lib:Li", '"2021"': '"2005"'},
    "electronic-serials-catalogued-by-a-library": {'"2019"': '"2005"'},
    "french-childrens-books-in-swedish": {"lge:fre lge:swe": "lge:eng lge:swe"},
    "languages-of-an-author": {'"Larsson" "Stieg"': '"Larsson" "Stig"'},
    "music-genres-without-definition": {"saogf:Musik": "saogf:Medicin"},
    "non-fiction-of-a-publisher": {
        r"^(P\\. ?A\\. )?Norstedts?( (& S[oö]ner|ordbok|akademiska förlag))?$": (
            r"^(Å\\. ?)?Korpens?( (bokf[oö]rlag|tryckeri|akademiska förlag))?$"
        )
    },
    "novels-published-in-sweden": {"saogf:Romaner": "saogf:Medicin"},
    "persons-with-odd-isni": {'"00000"': '"00000001210"'},
    "printed-monographs-catalogued-by-a-library": {'"2019"': '"2005"'},
    "records-in-a-bibliography": {"lib:SAMB": "lib:S"},
    "records-with-a-subject-over-a-decade": {
        'sao:Pandemier "2014" "2023"': 'sao:Ekonomi "2000" "2009"'
    },
    "self-published-books": {"books on demand|vulkan": "korpens tryckeri|uvens tryckeri"},
    "subject-terms-created": {'"2020"': '"2005"'},
    "swedish-fiction-in-spanish": {
        '"1990" lge:spa lge:swe saogf:Sk%C3%B6nlitteratur': '"2015" lge:spa lge:eng saogf:Medicin'
    },
    "titles-on-a-subject": {"sao:Covid-19": "sao:Ekonomi"},
    "titles-on-a-subject-count": {"sao:Covid-19": "sao:Ekonomi"},
}


@dataclass(frozen=True, slots=True)
class Question:
    """name: of its file, without the ending. query: SPARQL, without the lines about it."""

    name: str
    query: str


def questions(folder: Path = QUERIES) -> list[Question]:
    """Return every question, in the order of their names; exit if a constant isn't there."""
    return [_question(path) for path in sorted(folder.glob("*.rq"))]


def _question(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines()
    query = "\n".join(line for line in lines if not line.startswith("#+")).strip()
    for constant, other in _IN_ITS_PLACE.get(path.stem, {}).items():
        if constant not in query:
            raise SystemExit(f"{path} doesn't say {constant} any more: see {__file__}")
        query = query.replace(constant, other)
    return Question(path.stem, query)
