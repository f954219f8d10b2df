"""What `dossier ls` says."""

TEXTS = {
    "no_dossiers": (
        'Er zijn nog geen dossiers. Open het eerste met: dossier open "Naam" --purpose "…"',
        'There are no dossiers yet. Open the first with: dossier open "Name" --purpose "…"',
    ),
    "no_documents": (
        "Nog leeg. Leg er iets in met: dossier put DOSSIER BESTAND",
        "Still empty. Put something in with: dossier put DOSSIER FILE",
    ),
    "documents": ("Documenten", "Documents"),
    "shares": ("Gedeeld", "Shared"),
    "pending": ("nog niet bevestigd", "not confirmed yet"),
    "depositing": ("onderweg", "under way"),
    "open": ("open", "open"),
    "expired": ("verlopen", "expired"),
    "revoked": ("ingetrokken", "revoked"),
    "used_up": ("opgebruikt", "used up"),
    "share": (
        "{id}  {state}, tot {until}, {used} van {max} keer opgehaald",
        "{id}  {state}, until {until}, {used} of {max} pick-ups",
    ),
    "share_what": ("voor {to}: {what}", "for {to}: {what}"),
    "pickup": ("opgehaald op {at}", "picked up on {at}"),
    "pickup_begun": ("begonnen op {at}, nog niet af", "begun on {at}, not finished yet"),
    "until": ("wordt vernietigd op {day}", "will be destroyed on {day}"),
    "doubt": (
        "Let op: {id} klopt niet en is niet geopend ({reason}).",
        "Note: {id} does not verify and was not opened ({reason}).",
    ),
}
