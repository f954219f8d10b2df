"""What runs on the user's own machine: keys, session, dossiers. The server only ever sees what this package sealed.

It imports `vault.age`, `vault.records` and nothing of the server. `boxes` seals, `home` keeps files, `api` speaks
HTTP, `session` signs in and verifies, `dossiers` opens; everything else stands on those.
"""
