"""Saved queries: their list, each one's result in every format, the values to pick from."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request, url_for

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record, make_headers
from sparql_server.catalogue.saved_query import Parameter, SavedQuery
from sparql_server.errors import BadParameter, NoSuchQuery, RequestError
from sparql_server.finding.search import Finder
from sparql_server.saved.listing import as_json, count_tags, find_matching, group_by_theme
from sparql_server.saved.part_links import write_links
from sparql_server.saved.pickers import (
    LONGEST_SEARCH,
    Listing,
    Lists,
    pick_allowed,
    read_known,
    read_listed,
)
from sparql_server.saved.result_parts import count
from sparql_server.saved.saved_request import (
    GRAPH_FORMS,
    OWN,
    TEXT,
    SavedRequest,
    find,
    list_arguments,
    make_address,
    read,
)
from sparql_server.sparql.protocol import Parameters, QueryRequest, read_format, read_parameters
from sparql_server.web import language, pages, query_page
from sparql_server.web.services.releases import answer_frozen, choose_endpoint
from sparql_server.web.sparql import check_size
from sparql_server.web.transfer.responses import JSON, prefers_page, read_host, respond, revalidate

TOTAL = "Libris-Total"
"""Header of a part of a result: the number of rows of the whole."""


def blueprint(endpoint: Endpoint, lists: Lists, finder: Finder) -> Blueprint:
    """Return the views of saved queries."""
    views = Blueprint("queries", __name__)

    @views.get("/queries/", endpoint="list")
    def all_queries() -> Response:
        check_size(endpoint.request_bytes)
        return _list(endpoint)

    @views.get("/queries/<name>", endpoint="query")
    def query(name: str) -> Response:
        check_size(endpoint.request_bytes)
        return _query(endpoint, lists, name)

    @views.get("/queries/<name>/values/<parameter>", endpoint="values")
    def values(name: str, parameter: str) -> Response:
        check_size(endpoint.request_bytes)
        return _values(endpoint, finder, name, parameter)

    return views


# The list


def _list(endpoint: Endpoint) -> Response:
    parameters = read_parameters(request.query_string)
    for name in parameters:
        if name not in ("search", "tag", "format", "lang"):
            raise BadParameter(
                f"There is no parameter {name}; there are search and tag.", parameter=name
            )
    search, tag = request.args.get("search", ""), request.args.get("tag", "")
    found = find_matching(endpoint.catalogue, search, tag)
    if not prefers_page(read_format(parameters)):
        base = url_for("queries.list", _external=True)
        return revalidate({"queries": [as_json(query, base) for query in found]})
    every = endpoint.catalogue.queries.values()
    body = render_template(
        "queries.html",
        themes=group_by_theme(found),
        found=len(found),
        all=len(every),
        tags=count_tags(every),
        search=search,
        tag=tag,
    )
    return language.page(body)


# A query


def _query(endpoint: Endpoint, lists: Lists, segment: str) -> Response:
    query, extension = find(endpoint.catalogue, segment)
    parameters = read_parameters(request.query_string)
    if extension is None and prefers_page(read_format(parameters)):
        return query_page.show(endpoint, lists, query, parameters)
    asked = read(query, parameters, extension)
    chosen = choose_endpoint(endpoint, asked.release)
    if chosen is None:
        wanted = QueryRequest(asked.text, format=asked.format, release=asked.release)
        return answer_frozen(endpoint, wanted, _address_now(asked, segment))
    if extension == TEXT:
        return Response(asked.text, content_type="application/sparql-query; charset=utf-8")
    return _data(chosen, asked, segment)


def _address_now(asked: SavedRequest, segment: str) -> str:
    """Return the address of the same in the release that is served."""
    return read_host() + make_address(segment, list_arguments(asked))


def _data(endpoint: Endpoint, asked: SavedRequest, segment: str) -> Response:
    record = Record(endpoint.journal, asked.text)
    who = read_visitor(request.environ, endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        answer, total = _answer(endpoint, asked, who)
        response = respond(answer, record, endpoint)
    except RequestError as error:
        record.fail(error)
        raise
    if total is not None:
        response.headers[TOTAL] = str(total)
        if links := write_links(asked, segment, total, read_host()):
            response.headers["Link"] = links
    return response


def _answer(endpoint: Endpoint, asked: SavedRequest, who: Visitor) -> tuple[Answer, int | None]:
    """Return the answer, and the number of all rows if this is a part of them."""
    answers = endpoint.answers
    wanted = QueryRequest(asked.text, format=asked.format, full=asked.full)
    accept = request.headers.get("Accept")
    if request.method == "HEAD":
        return answers.head(wanted, accept, who), None
    countable = asked.paged and asked.bound.query.form not in GRAPH_FORMS
    # Counted first: a large result that waits to be sent holds a worker.
    total = count(answers, asked.bound.text, who) if countable else None
    return answers.answer(wanted, accept, who), total


# Values to pick from


def _values(endpoint: Endpoint, finder: Finder, name: str, parameter_name: str) -> Response:
    query = endpoint.catalogue.queries.get(name)
    parameter = query.parameter(parameter_name) if query else None
    if query is None or parameter is None:
        raise NoSuchQuery(f"There is no saved query {name} with a parameter {parameter_name}.")
    parameters = read_parameters(request.query_string)
    _refuse_unknown(query, parameters)
    search = _search()
    who = read_visitor(request.environ, endpoint.trusted)
    page = prefers_page(read_format(parameters))
    if parameter.choices:
        found, answer = pick_allowed(parameter, search), None
    else:
        visitor = who if not page else Visitor()
        things = finder.by_name(search, parameter.class_, visitor)
        found, answer = _listed(endpoint, parameter, search, visitor, things)
    if page:
        return _values_page(query, parameter, found, search)
    if answer is None:
        return revalidate(found.as_json())
    headers = make_headers(answer, endpoint.max_age)
    if answer.format is None:
        return Response(status=304, headers=headers)
    body = json.dumps(found.as_json(), ensure_ascii=False) + "\n"
    return Response(body, headers=headers, content_type=JSON)


def _search() -> str:
    found = request.args.get("search", "").strip()
    if len(found) > LONGEST_SEARCH:
        raise BadParameter(
            f"The parameter search has {len(found)} characters; {LONGEST_SEARCH} are the most.",
            parameter="search",
        )
    return found


def _refuse_unknown(query: SavedQuery, parameters: Parameters) -> None:
    """Raise BadParameter; a page's links carry the query's other values along."""
    known = {*OWN, *(parameter.name for parameter in query.parameters)}
    for name in parameters:
        if name not in known:
            raise BadParameter(f"There is no parameter {name}; there is search.", parameter=name)


def _listed(
    endpoint: Endpoint, parameter: Parameter, search: str, who: Visitor, things: list[str]
) -> tuple[Listing, Answer]:
    """Return the values to pick from. things: those that have such a name, if that is known."""
    endpoint.answers.admit(who.client)
    if things:
        known = read_known(endpoint.answers, parameter, endpoint.catalogue, things, who)
        if known:
            return known
    found = read_listed(endpoint.answers, parameter, endpoint.catalogue, search, who)
    if found is None:
        raise NoSuchQuery(f"There is no list of values for {parameter.name}.")
    return found


def _values_page(
    query: SavedQuery, parameter: Parameter, listing: Listing, search: str
) -> Response:
    """Return a page to pick a value from, for those without JavaScript."""
    if request.method == "HEAD":
        return pages.head()
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("search", "format", "limit", "offset", "release")
    ]
    body = render_template(
        "values.html",
        query=query,
        parameter=parameter,
        listing=listing,
        search=search,
        kept=kept,
        others=[pair for pair in kept if pair[0] != parameter.name or parameter.multiple],
        address=make_address,
    )
    return language.page(body)
