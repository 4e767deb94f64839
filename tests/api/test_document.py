"""The published description of REST v1 and the interface itself are one."""

from __future__ import annotations

import json

from web.api.v1 import document


def test_the_committed_description_is_what_the_models_say() -> None:
    """After a change of the models: python -m web.api.v1.document."""
    assert document.OPENAPI_FILE.read_text(encoding="utf-8") == document.written()


def test_every_reference_leads_to_a_shape() -> None:
    """No dangling references; every route can fail with the common error."""
    told = document.document()
    text = json.dumps(told)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in told["components"]["schemas"]
    for methods in told["paths"].values():
        for operation in methods.values():
            assert "default" in operation["responses"]
