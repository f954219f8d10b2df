"""What `dossier serve` says."""

TEXTS = {
    "gateways": (
        "zoveel processen nemen verzoeken aan (1 tot 64; standaard 1)",
        "so many processes take requests (1 to 64; default 1)",
    ),
    "workers": (
        "zoveel processen doen het werk op de achtergrond (1 tot 64; standaard 1)",
        "so many processes do the work in the background (1 to 64; default 1)",
    ),
    "waiting": (
        "Nog niet bereikbaar: {engine} ({reason}). Er wordt nog {seconds} s gewacht.",
        "Not reachable yet: {engine} ({reason}). Waiting for another {seconds} s.",
    ),
    "warning": ("Let op: {text}.", "Note: {text}."),
    "ready": (
        "De kluis is open op {url} (luistert op {listen}, gegevens in {data}). Stoppen: Ctrl-C.",
        "The vault is open at {url} (listening on {listen}, data in {data}). To stop: Ctrl-C.",
    ),
    "clock": (
        "De klok staat {offset} verzet: alleen om te proberen, niet voor echte dossiers.",
        "The clock is moved by {offset}: for trials only, not for real dossiers.",
    ),
    "next_init": (
        (
            "Nog niet ingericht. De eenmalige inrichtingscode ligt in {path}. Richt in vanuit een andere shell:\n"
            '  {command} init --practice "Naam van de praktijk" --email u@voorbeeld.nl --setup-token-file {path} '
            "--sheet herstelblad.txt"
        ),
        (
            "Not set up yet. The one-time set-up token lies in {path}. From another shell:\n"
            '  {command} init --practice "Name of the practice" --email you@example.org --setup-token-file {path} '
            "--sheet recovery-sheet.txt"
        ),
    ),
    "next_login": (
        "Ga verder vanuit een andere shell: {command} login --email u@voorbeeld.nl",
        "Go on from another shell: {command} login --email you@example.org",
    ),
    "ended": (
        "Het onderdeel {child} stopte onverwacht ({how}). Er ging niets verloren; over {seconds} s start het opnieuw.",
        "The {child} ended unexpectedly ({how}). Nothing was lost; it starts again in {seconds} s.",
    ),
    "restarted": ("Het onderdeel {child} is opnieuw gestart.", "The {child} was started again."),
    "stopping": (
        "De kluis gaat dicht; wat onderweg is wordt afgemaakt.",
        "The vault closes; what is under way is finished.",
    ),
}
