"""What `dossier export` says."""

TEXTS = {
    "out": ("de map waarin de bestanden komen", "the folder to write to"),
    "classic": (
        "met een sleutel die ook oudere age-programma's (voor 1.3) lezen",
        "with a key that age programs older than 1.3 read too",
    ),
    "done": (
        (
            "Documenten: {count}, in {out}. De sleutel is {identity}: wie die heeft leest alles, bewaar hem apart.\n"
            "Openen zonder ons: age -d -i {identity} NAAM.age"
        ),
        (
            "Documents: {count}, in {out}. The key is {identity}: whoever has it can read everything, keep it apart.\n"
            "To open without us: age -d -i {identity} NAME.age"
        ),
    ),
    "audit": (
        "Wat er met het dossier gebeurd is staat in {audit}: dossier audit verify {audit}",
        "What happened to the dossier is in {audit}: dossier audit verify {audit}",
    ),
    "quarantined": (
        "Niet meegenomen, want het klopt niet: document {document} ({reason}).",
        "Left out, because it does not verify: document {document} ({reason}).",
    ),
}
