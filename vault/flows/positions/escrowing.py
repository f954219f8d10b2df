"""The worker seals the generation keys to the directors: the only copy of them that the installation makes.

A new generation follows the recipients of the one before (`Keystore.turn`). Here they follow the roster.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from vault.domain.escrows import Escrowed, goes_back, is_due
from vault.errors import IntegrityError, VaultError
from vault.flows.context import Ports, rosters
from vault.flows.health import ESCROWED
from vault.flows.people.members import open_details
from vault.ports.store import Transaction
from vault.records.types.roster import Roster, recipient_hash

_BEAT_EVERY = timedelta(hours=1)
logger = logging.getLogger("worker")


def renew(ports: Ports, now: datetime) -> bool:
    """Seal the keys anew where that is due: whether it was; before the set-up there is nobody to seal to.

    Raises IntegrityError when the records hold another practice, or an older roster, than the escrow was made for:
    whoever put them there would be given the keys.
    """
    with ports.store.reading() as tx:
        if tx.practice() is None:
            return False
        chain, last = rosters(tx), tx.heartbeats().get(ESCROWED)
    newest, standing, known = chain.newest, chain.standing, ports.keystore.escrowed()
    if known is not None and goes_back(known, newest.practice, standing):
        raise IntegrityError(
            "the records' rosters are not those that the escrow was made for",
            advice="Nothing was sealed to them. Compare with the director; put the right records back.",
        )
    due = is_due(known, newest.practice, standing, len(newest.directors) + 1, now)
    if due:
        _seal(ports, newest, Escrowed(newest.practice, standing, (), now))
    if due or last is None or abs(now - last) > _BEAT_EVERY:
        with ports.store.transaction() as tx:
            tx.beat(ESCROWED, now)
    return due


def _seal(ports: Ports, newest: Roster, to: Escrowed) -> None:
    with ports.store.reading() as tx:
        found = {member: _recipient(ports, tx, newest, member) for member in sorted(newest.directors)}
    wanted = (newest.recovery, *(each for each in found.values() if each is not None))
    sealed = ports.keystore.escrow(Escrowed(to.practice, to.roster, wanted, to.at)).recipients
    left_out = [member for member, recipient in found.items() if recipient not in sealed]
    if left_out or newest.recovery not in sealed:
        fields = {"directors": left_out, "sheet": newest.recovery in sealed}
        logger.error("the keystore's keys are not sealed to everybody who should open them", extra={"fields": fields})


def _recipient(ports: Ports, tx: Transaction, newest: Roster, member: str) -> str | None:
    """The director's recipient; None where her row is damaged: the others' escrow does not wait for it."""
    row, entry = tx.member(member), newest.member(member)
    if row is None or entry is None:
        return None
    try:
        recipient = open_details(ports, row).recipient
    except VaultError:
        return None
    return recipient if recipient_hash(recipient) == entry.recipient else None
