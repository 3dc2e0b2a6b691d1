"""The verdict's schema in docs/ is that of the code."""

from __future__ import annotations

import msgspec

from autograder.catalog import REPOSITORY
from autograder.verdict import Grade

SCHEMA = REPOSITORY / "docs" / "verdict.schema.json"


def test_the_schema_is_the_codes() -> None:
    made = msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Grade)), indent=2)
    assert SCHEMA.read_text() == made.decode() + "\n"


def test_every_field_is_described() -> None:
    page = (REPOSITORY / "docs" / "verdict.md").read_text()
    schema = msgspec.json.schema(Grade)["$defs"]
    for fields in schema.values():
        for name in fields.get("properties", {}):
            assert f"`{name}" in page or f".{name}" in page
