"""The next policy, which a director signs: the practice's name and address, how long things are kept, limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vault.records.types.policy import Policy
from vault.sdk.people.session import SignedIn


def change_policy(signed_in: SignedIn, **changes: Any) -> Policy:
    """Sign and post the policy in force with these fields of `Policy` changed; the new one, once it is in force.

    What was agreed under an older policy keeps it: a trajectory names its policy by hash. Raises RecordError for a
    field that cannot be, ApiError where the member is no director.
    """
    signed_in.refresh()
    before = signed_in.policy
    after = replace(
        before,
        standing=signed_in.standing,
        version=before.version + 1,
        previous=before.hash,
        at=signed_in.now(),
        **changes,
    )
    envelope = signed_in.sign("policy", after.content())
    Policy.read(envelope)
    signed_in.api.post("/policy", json={"policy": envelope.to_json()})
    signed_in.refresh()
    return signed_in.policy
