"""What `dossier reopen` says."""

TEXTS = {
    "done": (
        "Het traject van {name} loopt weer; er wordt niets vernietigd tot het opnieuw is beëindigd.",
        "The trajectory of {name} goes on; nothing is destroyed until it is closed again.",
    ),
}
