"""Makes everything a gateway or a worker needs before its start; existing things are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.roles.bucket import apply_bucket
from infra.roles.databases import apply_databases
from infra.roles.plan import Plan, account
from infra.roles.versity import make_user
from vault.adapters.setup_token import SetupTokenFile
from vault.files import unavailable_on_failure
from vault.settings import Role
from vault.wiring import adopt, begin_keys, make_keys, opened


@dataclass(frozen=True, slots=True)
class Principals:
    """The names of gateway and worker in the bucket's policy; None: their access keys."""

    gateway: str | None = None
    worker: str | None = None


def apply(plan: Plan, principals: Principals, *, versity: bool) -> Iterator[str]:
    """Make all of it, with a line about each finished step; raises VaultError at the first failure.

    Every step is repeatable: after a failure run everything again.
    """
    if plan.databases:
        yield from _databases(plan)
    if plan.bucket is not None:
        yield from _bucket(plan, principals, versity=versity)
    yield from _keys_and_token(plan)


def _databases(plan: Plan) -> Iterator[str]:
    owner = plan.owner
    gateway, worker = account(plan, Role.GATEWAY), account(plan, Role.WORKER)
    assert owner.database_url is not None
    assert owner.keystore_url is not None
    apply_databases(owner.database_url.reveal(), owner.keystore_url.reveal(), gateway=gateway, worker=worker)
    yield "records and keystore: the schemas are the newest"
    yield f"records and keystore: the roles {gateway[0]} and {worker[0]} may do their work, and nothing else"


def _bucket(plan: Plan, principals: Principals, *, versity: bool) -> Iterator[str]:
    owner = plan.keys_of(Role.OWNER)
    keys = {role: plan.keys_of(role) for role in (Role.GATEWAY, Role.WORKER)}
    if versity:
        for role, bucket in keys.items():
            new = make_user(owner, bucket.access_key, bucket.secret_key.reveal())
            yield f"objects: the {role}'s user {bucket.access_key} {'was made' if new else 'has its secret'}"
    apply_bucket(
        owner.endpoint,
        owner.region,
        owner.name,
        owner.access_key,
        owner.secret_key.reveal(),
        principals.gateway or keys[Role.GATEWAY].access_key,
        principals.worker or keys[Role.WORKER].access_key,
    )
    yield f"objects: the bucket {owner.name} keeps versions, and its policy lets each do its work, and nothing else"


def _keys_and_token(plan: Plan) -> Iterator[str]:
    """Make the installation's keys, the first generation of keys, and, until a practice is set up, the set-up token."""
    worker = plan.worker
    with unavailable_on_failure(worker.data):
        worker.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    adopt(worker)
    begin_keys(worker)
    with opened(worker) as ports, ports.store.reading() as rows:
        set_up = rows.practice() is not None
    yield f"keys: a generation of keys lies under {worker.generation_keys.parent}"
    made = make_keys(worker, plan.gateway, set_up=set_up)
    places = worker.installation_key.parent, plan.gateway.installation_key.parent
    paths = "the worker's under {}, the gateway's under {}".format(*places)
    yield f"keys: those of the installation lie {paths}"
    for use in made if set_up else ():
        yield f"keys: a director must list the new one: dossier keys --use {use} --key {made[use]}"
    token = SetupTokenFile(worker.setup_token_file)
    if set_up:
        token.spend()
        yield "practice: it is set up; the set-up token is gone"
    else:
        token.make()
        yield f"practice: not set up yet; the set-up token lies in {worker.setup_token_file}"
