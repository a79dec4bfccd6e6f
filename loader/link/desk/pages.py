"""Pages of doubts: both sides, the evidence in words, and three keys to judge with.

Only this machine is answered (127.0.0.1), under its own name or that of a proxy that asks for a
login, and only a page of ours may judge: forms carry a token that no other site can know.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from loader.dates import now
from loader.link.desk.review_language import LANGUAGES, translate
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import Doubt
from loader.link.names.backgrounds import Background
from loader.link.names.nations import name_country
from loader.link.runs import judgements
from loader.link.runs.evidence_wording import split_evidence
from loader.link.runs.judgements import VERDICTS, Judgement
from loader.link.runs.review import (
    describe_authority,
    describe_entity,
    load_backgrounds,
    rank_doubts,
)
from loader.workspace import Workspace

HOSTS = ("127.0.0.1", "localhost")
_KEYS = {
    "en": {"yes": "y", "no": "n", "unsure": "u", "skip": "s", "again": "a"},
    "sv": {"yes": "j", "no": "n", "unsure": "o", "skip": "h", "again": "b"},
}
_PRESSED = {key: what for keys in _KEYS.values() for what, key in keys.items()}
_CLOSED = "This isn't open any more, or the answer can't be read."
_OLD = "This page is too old: open it again."
_FOREIGN = "This page answers on this machine alone."
_NO_PAGE = "There is no such page."


@dataclass(frozen=True, slots=True)
class Login:
    """A proxy in front that asks for a login.

    host: the name that it is reached under. header: the one in which it says who has logged in.
    """

    host: str
    header: str


def make_app(workspace: Workspace, who: str, login: Login | None = None) -> Flask:
    """Return the application. who: whose judgements they are, if no login says it."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent))
    token = secrets.token_urlsafe(24)

    @app.before_request
    def refuse_others() -> None:
        hosts = (*HOSTS, login.host) if login else HOSTS
        if request.host.rpartition(":")[0] not in hosts and request.host not in hosts:
            abort(403, _FOREIGN)

    @app.after_request
    def protect(response: Response) -> Response:
        policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        response.headers["Content-Security-Policy"] = f"{policy}; form-action 'self'"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cache-Control"] = "no-store"
        if (chosen := request.args.get("lang")) in LANGUAGES:
            response.set_cookie("lang", chosen, httponly=True, samesite="Strict")
        return response

    @app.errorhandler(HTTPException)
    def tell(error: HTTPException) -> tuple[str, int]:
        problem = _NO_PAGE if error.code == 404 else error.description
        return _render(problem=problem, who=_name(who, login), skipped=0), error.code or 500

    @app.get("/")
    def show() -> str:
        skipped = request.args.get("skip", 0, type=int)
        again = "again" in request.args
        return _show(workspace, _name(who, login), token, max(0, skipped), again)

    @app.post("/judge")
    def judge() -> AnyResponse:
        if not secrets.compare_digest(request.form.get("token", "").encode(), token.encode()):
            abort(403, _OLD)
        _keep(workspace, _name(who, login))
        skipped = request.form.get("skip", 0, type=int)
        return redirect(f"/?skip={skipped}" if skipped > 0 else "/")

    return app


def _name(who: str, login: Login | None) -> str:
    """Return who is judging."""
    said = request.headers.get(login.header, "") if login else ""
    return " ".join(said.split())[:100] or who


def _show(workspace: Workspace, who: str, token: str, skipped: int, again: bool) -> str:
    """Return the page of a doubt. again: of the one that was judged last, to be judged anew."""
    said = judgements.read_judgements(workspace.judgements)
    judged = judgements.pick_latest(said)
    mine = [judgement for judgement in said if judgement.who == who]
    tables = Tables(workspace.links)
    try:
        open_ = [
            (doubt, uses)
            for doubt, uses in rank_doubts(tables)
            if (doubt.subject, doubt.object) not in judged
        ]
        last = _find_last(tables, mine)
        doubt, uses = last if again and last else (None, 0)
        if doubt is None and skipped < len(open_):
            doubt, uses = open_[skipped]
        sides = _describe(tables, doubt) if doubt else []
        backgrounds = load_backgrounds(tables, doubt) if doubt else ()
    finally:
        tables.close()
    support, against = split_evidence(doubt.why) if doubt else ([], [])
    return _render(
        **{"doubt": doubt, "uses": uses, "support": support, "against": against},
        **{"sides": sides, "backgrounds": backgrounds},
        **{"who": who, "token": token, "skipped": skipped, "count": len(open_)},
        **{"last": mine[-1] if last and not again else None, "again": again and last is not None},
    )


def _render(**values: Any) -> str:
    """Return the page in the language that was chosen, or that the browser prefers."""
    chosen = request.args.get("lang", request.cookies.get("lang", ""))
    preferred = request.accept_languages.best_match(LANGUAGES, "en")
    language = chosen if chosen in LANGUAGES else str(preferred)
    doubt = values.get("doubt")
    likely = f"{100 * doubt.confidence:.1f}" if doubt else ""
    say = partial(translate, language=language)
    for name in ("support", "against"):
        values[name] = [say(words) for words in values.get(name, ())]
    backgrounds = [_spell_background(each, language) for each in values.pop("backgrounds", ())]
    rows = zip(("nationality", "work"), *backgrounds, strict=False) if backgrounds else ()
    values["sides"] = [*values.get("sides", ()), *(row for row in rows if any(row[1:]))]
    return render_template(
        "page.html",
        **{"t": say, "language": language, "keys": _KEYS[language], "pressed": _PRESSED},
        likely=likely.replace(".", ",") if language == "sv" else likely,
        **values,
    )


def _spell_background(background: Background, language: str) -> tuple[str, str]:
    """Return countries and fields of work in words."""
    countries = sorted(name_country(code, language) for code in background.nations)
    fields = sorted(translate(field, language) for field in background.fields)
    return ", ".join(countries), ", ".join(fields)


def _find_last(tables: Tables, mine: Sequence[Judgement]) -> tuple[Doubt, int] | None:
    """Return the doubt that was judged last, if no run has heeded that yet."""
    pair = (mine[-1].subject, mine[-1].object) if mine else ("", "")
    ranked = rank_doubts(tables)
    return next((row for row in ranked if (row[0].subject, row[0].object) == pair), None)


def _describe(tables: Tables, doubt: Doubt) -> list[tuple[str, str, str]]:
    rows = ("names", "years", "titles", "links")
    here, there = describe_entity(tables, doubt.subject), describe_authority(tables, doubt.object)
    return list(zip(rows, here, there, strict=False))


def _keep(workspace: Workspace, who: str) -> None:
    given = request.form
    verdict = given.get("verdict", "")
    pair = given.get("subject", ""), given.get("object", "")
    if verdict not in VERDICTS or not _is_open(workspace, *pair):
        abort(400, _CLOSED)
    judgement = Judgement(*pair, verdict, who, now(), given.get("note", "")[:500])
    with workspace.locked("link review serve"):
        judgements.append_judgements(workspace.judgements, [judgement])


def _is_open(workspace: Workspace, subject: str, other: str) -> bool:
    tables = Tables(workspace.links)
    try:
        query = "SELECT 1 FROM review WHERE withdrawn IS NULL AND subject = ? AND object = ?"
        return tables.connection.execute(query, (subject, other)).fetchone() is not None
    finally:
        tables.close()
