"""What the Reconciliation Service API 0.2 says of answers, as JSON schemas.

Written after https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/,
sections 4.1 (manifest), 4.4 (results), 6 (suggest), 7 (data extension); stricter in that members
which the specification doesn't have are refused.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
PATTERN = {"type": "string", "pattern": r"\{\{id\}\}"}


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object of these members and no other."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def several(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


NAMED = closed({"id": TEXT, "name": TEXT})
PLACE = closed({"service_url": TEXT, "service_path": {"type": "string", "pattern": "^/"}})
MOMENT = r"^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"
SETTING = closed(
    {"type": {"const": "number"}, "label": TEXT, "name": TEXT},
    default={"type": "number"},
    help_text=TEXT,
)
MANIFEST = closed(
    {
        "versions": {**several(TEXT), "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": TEXT,
        "schemaSpace": TEXT,
    },
    documentation=TEXT,
    serviceVersion=TEXT,
    defaultTypes={**several(NAMED), "uniqueItems": True},
    view=closed({"url": PATTERN}),
    preview=closed({"url": PATTERN, "width": {"type": "integer"}, "height": {"type": "integer"}}),
    suggest=closed({"entity": PLACE, "type": PLACE, "property": PLACE}),
    extend=closed({"propose_properties": PLACE, "property_settings": several(SETTING)}),
)
CANDIDATE = closed(
    {"id": TEXT, "name": TEXT, "type": several(NAMED), "score": {"type": "number"}},
    description={"type": "string"},
    features=several(closed({"id": TEXT, "value": {"type": ["number", "boolean"]}})),
    match={"type": "boolean"},
)
RESULTS = {"type": "object", "additionalProperties": closed({"result": several(CANDIDATE)})}
SUGGESTED = closed(
    {"id": TEXT, "name": TEXT}, description={"type": "string"}, notable=several(NAMED)
)
SUGGESTIONS = closed({"result": several(SUGGESTED)})
PROPOSED = closed({"properties": several(NAMED)}, type=TEXT, limit={"type": "integer"})
VALUE = {
    "oneOf": [
        NAMED,
        closed({"str": {"type": "string"}}),
        closed({"int": {"type": "integer"}}),
        closed({"float": {"type": "number"}}),
        closed({"date": {"type": "string", "pattern": MOMENT}}),
    ]
}
EXTENDED = closed(
    {
        "meta": several(NAMED),
        "rows": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": several(VALUE)},
        },
    }
)
