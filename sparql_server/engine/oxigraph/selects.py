"""The projection of a query, written out as the specification has it: ``*``, and what is counted.

SPARQL 1.1 Query, 18.2.4.4 and 18.5.1.2.
"""

from __future__ import annotations

from copy import deepcopy

from sparql_server.engine.columns.syntax.tokens import split_tokens
from sparql_server.engine.oxigraph.nested_selects import replace_select
from sparql_server.engine.oxigraph.syntax.calls import canonicalize, list_aggregates, make_variable
from sparql_server.engine.oxigraph.syntax.elements import (
    Brackets,
    Expression,
    Group,
    Item,
    Select,
    Token,
)
from sparql_server.engine.oxigraph.syntax.scope import (
    FreshVariables,
    find_parts,
    list_expressions,
    list_visible,
)


def write_out(select: Select, text: str) -> bool:
    """Write out what ``*`` selects, in the order in which variables come in the query's text.

    Tell whether anything was: a query can have no variables, and can be no SELECT.
    """
    if select.items is not None or not select.form.startswith("SELECT"):
        return False
    come = [name.replace("$", "?") for name in split_tokens(text).texts if name[0:1] in ("?", "$")]
    place = {name: at for at, name in reversed(list(enumerate(come)))}
    names = sorted(list_visible(select), key=lambda name: place.get(name, len(place)))
    select.items = [Item([make_variable(name)]) for name in names] or None
    return bool(names)


def has_no_variables(select: Select) -> bool:
    """Tell whether a query's solutions have no variables: it is ``SELECT *``, and there are none.

    That can't be written out.
    """
    return select.items is None and select.form.startswith("SELECT")


def expand_stars(select: Select, names: FreshVariables) -> None:
    """Write out what ``*`` stands for: variables that aren't in the query are none of it.

    Where there are none in the query, it is one without a value.
    """
    for part in reversed(find_parts(select, Select)):
        if part.items is None and part.form.startswith("SELECT"):
            part.items = [
                Item([make_variable(name)]) for name in list_visible(part) or [names.new()]
            ]
        elif part.form == "DESCRIBE *":
            part.form = f"DESCRIBE {' '.join(list_visible(part) or [names.new()])}"


def count_solutions(select: Select) -> None:
    """Have a query's solutions counted instead."""
    inner = deepcopy(select)
    inner.dataset = ""
    count = Item([Token("COUNT", "COUNT"), Brackets([Token("*", "*")])], "?count")
    replace_select(select, Select("SELECT", [count], select.dataset, Group([inner])))


def rewrite_counts(select: Select, names: FreshVariables) -> bool:
    """Have COUNT(DISTINCT *) count solutions without what can't be seen in them."""
    counting = [
        part
        for part in find_parts(select, Select)
        if any(map(_counts_solutions, list_expressions(part)))
    ]
    for part in reversed(counting):
        seen = list_visible(part.where) or [names.new()]
        items = [Item([make_variable(name)]) for name in seen]
        part.where = Group([Select("SELECT", items, "", part.where)])
    return bool(counting)


def _counts_solutions(expression: Expression) -> bool:
    return any(canonicalize(call) == "COUNT ( DISTINCT * )" for call in list_aggregates(expression))
