"""The HTTP interface described as OpenAPI 3.1, from the same questions that are answered. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from karn_view import __version__
from karn_view.server.query import Parameter

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

REFUSALS = {
    "400": "asked wrongly",
    "404": "no such run or metric",
    "503": "the file system says no or nothing, or too many runs are looked at",
}
UNADMITTED = {
    "401": "no token",
    "403": "another site or Host",
    "405": "another method than GET and HEAD",
}


class Question(NamedTuple):
    """A path of the interface: what it takes and what it answers.

    Attributes:
        members: The members that its JSON answer always has.
        binary: It answers in columns as well, to who accepts ``application/octet-stream``.
        media: The kinds of file that it answers with, in place of JSON.
    """

    path: str
    summary: str
    members: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    binary: bool = False
    media: tuple[str, ...] = ()


def describe(questions: Iterable[Question]) -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "karn-view", "version": __version__, "license": {"name": "MIT"}},
        "servers": [{"url": ".."}],  # relative to this description, so a prefix does no harm
        "security": [{"bearer": []}, {"query": []}, {"cookie": []}],
        "paths": {question.path: {"get": _operation(question)} for question in questions},
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string", "description": "one sentence"}},
                }
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "query": {"type": "apiKey", "in": "query", "name": "token"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "karn_view_PORT"},
            },
        },
    }


def _operation(question: Question) -> dict[str, Any]:
    in_path = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        for _ in range(question.path.count("{id}"))
    ]
    content: dict[str, Any] = {kind: {"schema": {}} for kind in question.media} or {
        JSON: {"schema": {"type": "object", "required": list(question.members)}}
    }
    if question.binary:
        content["application/octet-stream"] = {"schema": {}}
    error = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    refused = {TEXT: {"schema": {"type": "string"}}}
    either = {**error, **refused}
    return {
        "summary": question.summary,
        "parameters": [
            *in_path,
            *(parameter.described() for parameter in question.parameters),
        ],
        "responses": {
            "200": {"description": question.summary, "content": content},
            **{code: {"description": why, "content": either} for code, why in REFUSALS.items()},
            **{code: {"description": why, "content": refused} for code, why in UNADMITTED.items()},
        },
    }
