"""The command: makes roles, grants, bucket and policy for the environment it is called in, or tries what they allow."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from infra.roles.applying import Principals, apply
from infra.roles.checking import check
from infra.roles.plan import Plan, read
from vault.errors import VaultError

_EPILOG = """
It reads what the processes get: DOSSIER_DATABASE_URL, DOSSIER_KEYSTORE_URL and DOSSIER_S3_ACCESS_KEY_FILE,
DOSSIER_S3_SECRET_KEY_FILE are the gateway's, DOSSIER_WORKER_… the worker's, DOSSIER_OWNER_… those of whoever owns the
databases and the bucket. The accounts that it makes are the ones in those addresses and files. It can be repeated.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything is made (or every trial passes), 1 when not, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m infra.roles", description=__doc__, epilog=_EPILOG)
    parser.add_argument(
        "--check", action="store_true", help="make nothing; try as each role what it may and may not do"
    )
    parser.add_argument("--versity", action="store_true", help="make the users too, on a Versity Gateway")
    parser.add_argument("--gateway-principal", metavar="NAME", help="how the policy names the gateway (an ARN on AWS)")
    parser.add_argument("--worker-principal", metavar="NAME", help="how the policy names the worker")
    options = parser.parse_args(arguments)
    if options.check and (options.versity or options.gateway_principal or options.worker_principal):
        parser.error("--check makes nothing: leave the other options out")
    try:
        plan = read(os.environ)
        for warning in plan.owner.warnings:
            print(warning, file=sys.stderr)
        if options.check:
            return _check(plan)
        principals = Principals(options.gateway_principal, options.worker_principal)
        for line in apply(plan, principals, versity=options.versity):
            print(line, flush=True)
    except VaultError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.advice:
            print(error.advice, file=sys.stderr)
        return 1
    return 0


def _check(plan: Plan) -> int:
    failed = 0
    for trial in check(plan):
        print(f"{'ok  ' if trial.ok else 'FAIL'} {trial.name}{'' if trial.ok else f': {trial.reason}'}", flush=True)
        failed += not trial.ok
    if failed:
        print(f"error: {failed} of these do not hold; run `python -m infra.roles`, then look again", file=sys.stderr)
    return 1 if failed else 0
