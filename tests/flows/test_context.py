"""What a process remembers of heads is bounded, and forgetting it changes no answer."""

from __future__ import annotations

from vault.flows import context


def test_holders_are_known_however_little_is_remembered(practice, monkeypatch):
    monkeypatch.setattr(context, "_MOST_HOLDERS", 0)
    dossiers = [practice.open_dossier(), practice.open_dossier()]
    with practice.ports.store.reading() as tx:
        assert all(context.held(tx, practice.director.caller, dossier) is not None for dossier in dossiers)
        assert len(context._holders) == 1
