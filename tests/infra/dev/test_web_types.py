"""The pages' types of answers are those that the gateway says it sends."""

from __future__ import annotations

from infra.dev import web_types


def test_the_types_are_made_of_todays_openapi() -> None:
    assert web_types.types() == web_types.FILE.read_text(), "make them anew: python -m infra.dev.web_types"


def test_a_schema_becomes_a_type() -> None:
    assert web_types._type({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string | null"
    assert web_types._type({"type": "array", "items": {"$ref": "#/components/schemas/A-b"}}) == "readonly (A_b)[]"
    assert web_types._type({"enum": ["x", "y"]}) == '"x" | "y"'
    assert web_types._type({"type": ["integer", "null"]}) == "number | null"
    assert web_types._type({"type": "object"}) == "{ readonly [name: string]: unknown }"
