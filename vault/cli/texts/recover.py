"""What `dossier recover` says."""

TEXTS = {
    "sheet": (
        "het bestand van het herstelblad, of - om de 24 woorden te typen",
        "the sheet's file, or - to type its words",
    ),
    "done": (
        "U bent weer binnen: uw nieuwe wachtwoord en codes gelden nu.\nMeld u aan met: dossier login --email …",
        "You are back in: your new password and codes are in force.\nSign in with: dossier login --email …",
    ),
}
