"""What `dossier logout` says."""

TEXTS = {
    "done": ("U bent afgemeld; de sleutels zijn van dit apparaat gewist.", "Signed out; this device holds no keys."),
    "untold": (
        "De server was niet bereikbaar; daar verloopt de sessie vanzelf.",
        "The server could not be reached; the session expires there by itself.",
    ),
}
