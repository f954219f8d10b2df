"""Types of the gateway's answers for TypeScript, from `/openapi.json`.

`python -m infra.dev.web_types` writes them anew.

The browser reads every answer strictly and by hand; the types hold those readers to what the gateway says it sends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from gateway.app import ROUTERS
from gateway.openapi import document_of, operation_id

FILE = Path(__file__).parents[2] / "gateway" / "web" / "src" / "api" / "schema.ts"
_SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def types() -> str:
    """The file's content."""
    schemas = document()["components"]["schemas"]
    parts = ["/** The gateway's answers, from /openapi.json: `python -m infra.dev.web_types` writes this file. */"]
    parts += [_declared(name, schemas[name]) for name in sorted(schemas)]
    return "\n\n".join(parts) + "\n"


def document() -> dict[str, Any]:
    """The OpenAPI document, without a practice behind it."""
    import json  # noqa: PLC0415 - beside its only use

    app = FastAPI(title="dossier vault", version="1", generate_unique_id_function=operation_id)
    for router, prefix in ROUTERS:
        app.include_router(router, prefix=prefix)
    made = document_of(app, [router for router, _ in ROUTERS], public_url="http://127.0.0.1", cookie="dossier")
    content: dict[str, Any] = json.loads(made())
    return content


def _declared(name: str, schema: dict[str, Any]) -> str:
    if schema.get("type") != "object" or "properties" not in schema:
        return f"export type {_name(name)} = {_type(schema)};"
    required = set(schema.get("required", ()))
    lines = [
        f"  readonly {field}{'' if field in required else '?'}: {_type(one)};"
        for field, one in schema["properties"].items()
    ]
    return "\n".join([f"export interface {_name(name)} {{", *lines, "}"])


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema["$ref"].rpartition("/")[2])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(one) for one in schema[several]))
    if "const" in schema or "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        return f"readonly ({_type(schema.get('items', {}))})[]"
    if isinstance(kind, list):
        return " | ".join(_SIMPLE.get(one, "unknown") for one in kind)
    return "{ readonly [name: string]: unknown }" if kind == "object" else _SIMPLE.get(str(kind), "unknown")


def _name(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(types(), encoding="utf-8")
