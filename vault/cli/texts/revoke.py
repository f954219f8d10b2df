"""What `dossier revoke` says."""

TEXTS = {
    "share": ("het nummer van de link, of de link zelf", "the share's id, or its link"),
    "done": ("De link {share} werkt niet meer.", "The link {share} no longer works."),
    "index_later": (
        "De inhoudsopgave van het dossier wordt bij een volgende wijziging bijgewerkt.",
        "The dossier's index will follow with the next change.",
    ),
}
