"""Path parameters. A malformed id gets the same answer as an absent one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from gateway.declared_codes import Declared
from gateway.http.failures import Problem
from gateway.wire.fields import HEX_ID


class Segment:
    """A path segment: refused with the code unless it matches the pattern, then converted for the handler."""

    def __init__(self, pattern: str, code: str, read: Callable[[str], Any] = str) -> None:
        self.pattern, self._read = pattern, read
        self._matches = re.compile(pattern.removeprefix("^").removesuffix("$"), re.ASCII).fullmatch
        self.declared = Declared((code,))

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema from text to the handler's value."""
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A string of the pattern."""
        return {"type": "string", "pattern": self.pattern}

    def _validate(self, value: str) -> Any:
        if not self._matches(value):
            raise Problem(self.declared.codes[0])
        return self._read(value)


_KNOWN = Segment(HEX_ID, "not_found")
_LINKED = Segment(HEX_ID, "link_unavailable")
DossierId = Annotated[str, _KNOWN]
DocumentId = Annotated[str, _KNOWN]
ShareId = Annotated[str, _KNOWN]
ErasureId = Annotated[str, _KNOWN]
MemberId = Annotated[str, _KNOWN]
InvitationId = Annotated[str, _KNOWN]
SegmentNumber = Annotated[int, Segment("^[0-9]{1,7}$", "not_found", int)]
EpochNumber = Annotated[int, Segment("^[1-9][0-9]{0,14}$", "not_found", int)]
# Below a link, where every refusal is the same.
LinkId = Annotated[str, _LINKED]
InvitationLinkId = Annotated[str, _LINKED]
LinkDocumentId = Annotated[str, _LINKED]
PickupName = Annotated[bytes, Segment(HEX_ID, "link_unavailable", bytes.fromhex)]
