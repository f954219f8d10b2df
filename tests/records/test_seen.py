"""What a record tells that its signer had seen; which types tell it."""

from __future__ import annotations

import pytest

from tests.records import samples
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, parse
from vault.records.seen import NOTHING_SEEN, MemberRecord
from vault.records.strict_json import dump
from vault.records.table import TABLE, tells_seen
from vault.records.types.document import Document
from vault.records.types.share import Share

SILENT = {"wrap", "invitation", "lock", "tombstone", "certificate", "checkpoint"}


def test_every_record_by_which_a_member_speaks_to_others_tells_it() -> None:
    assert {name for name in TABLE if not tells_seen(name)} == SILENT
    assert not tells_seen("nothing")
    for kind, envelope in samples.every().items():
        assert ("seen" in envelope.fields) == (kind not in SILENT)


def test_it_is_read_back_and_nothing_is_told_by_default() -> None:
    document = Document.read(parse(samples.document().to_bytes(), "document"))
    assert document.seen == samples.SEEN
    assert "seen" not in document.content()
    share = Share.read(samples.share())
    assert isinstance(share, MemberRecord)
    assert share.seen == NOTHING_SEEN


@pytest.mark.parametrize("kind", sorted(set(TABLE) - SILENT))
def test_a_record_that_does_not_tell_it_is_refused(kind: str) -> None:
    fields = {name: value for name, value in samples.every()[kind].fields.items() if name != "seen"}
    with pytest.raises(RecordError, match="'seen'"):
        TABLE[kind].cls.read(Envelope(kind, dump(fields), (), fields))
