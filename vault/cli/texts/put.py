"""What `dossier put` says."""

TEXTS = {
    "paths": ("bestanden en mappen", "files and folders"),
    "purpose": (
        "waarvoor u dit document bewaart (standaard: het doel van het dossier)",
        "why this document is kept (default: the dossier's purpose)",
    ),
    "kind": (
        "soort document (standaard: wat de naam zegt)",
        "kind of document (default: what its name tells)",
    ),
    "stored": ("{name} ({size}): opgeslagen", "{name} ({size}): stored"),
    "already": ("{name} ({size}): lag er al", "{name} ({size}): was there already"),
    "nothing": ("Er is niets opgeslagen.", "Nothing was stored."),
    "failed": ("{name}: niet opgeslagen. {why}", "{name}: not stored. {why}"),
    "go_on": (
        "Gestopt. Er is niets verloren: geef dezelfde opdracht nog eens, dan gaat het verder waar het was.",
        "Stopped. Nothing was lost: run the same command again and it goes on where it was.",
    ),
    "why.changed": (
        "Het bestand veranderde tijdens het lezen. Sluit het programma dat erin schrijft en probeer het opnieuw.",
        "The file changed while it was read. Close the program that writes to it and try again.",
    ),
    "why.special_file": ("Dit is geen gewoon bestand.", "This is no ordinary file."),
    "why.unreadable": (
        "Het bestand kan niet worden gelezen. Kijk of u er rechten op hebt.",
        "It cannot be read. Check whether you may.",
    ),
    "why.missing": ("Dit bestand is er niet.", "There is no such file."),
    "why.link_loop": ("Deze verwijzing loopt in een kring.", "This link leads back to itself."),
    "why.linked_folder": (
        "Verwijzingen naar mappen worden niet gevolgd. Noem de map zelf.",
        "Links to folders are not followed. Name the folder itself.",
    ),
    "why.too_deep": ("Deze mappen zitten te diep in elkaar.", "These folders are nested too deeply."),
    "why.too_large": ("Dit bestand is te groot.", "This file is too large."),
    "why.name_invalid": (
        "Deze naam kan niet worden bewaard. Geef het bestand een andere naam.",
        "This name cannot be kept. Rename the file.",
    ),
    "why.disk": (
        "Deze computer heeft geen ruimte om het te versleutelen. Maak ruimte en probeer het opnieuw.",
        "This machine has no room to encrypt it. Make room and try again.",
    ),
    "why.refused": (
        "De server nam het niet aan ({reason}). Er is niets verloren; probeer het opnieuw.",
        "The server did not take it ({reason}). Nothing was lost; try again.",
    ),
}
