"""What `dossier get` says."""

TEXTS = {
    "link": ("de link, of - om die van de standaardinvoer te lezen", "the link, or - to read it from standard input"),
    "out": ("de map waarin het komt (standaard: deze)", "the folder to save into (default: this one)"),
    "passphrase_file": ("bestand met de wachtwoordzin", "file that holds the passphrase"),
    "offer": (
        "Van {sender}, {practice}. Bestanden: {count} ({size}). Op te halen tot {until} (Nederlandse tijd).",
        "From {sender}, {practice}. Files: {count} ({size}). Available until {until} (Dutch time).",
    ),
    "ask.passphrase": ("Wachtwoordzin (zes woorden): ", "Passphrase (six words): "),
    "ask.locator": ("De zeven woorden: ", "The seven words: "),
    "typo": (
        "Een van de woorden staat niet in onze lijst. Typ ze nog eens.",
        "One of the words is not in our list. Type them again.",
    ),
    "again": ("Dat is niet de goede wachtwoordzin. {advice}", "That is not the passphrase. {advice}"),
    "file": ("{name} ({size})", "{name} ({size})"),
    "done": ("Opgehaald en gecontroleerd: {count}, in {out}.", "Picked up and verified: {count}, in {out}."),
    "missing": (
        "Intussen vernietigd en dus niet opgehaald: {count}.",
        "Destroyed since the link was made, so not picked up: {count}.",
    ),
    "go_on": (
        "Gestopt. Geef binnen een uur dezelfde opdracht nog eens, dan gaat het verder waar het was.",
        "Stopped. Run the same command again within the hour and it goes on where it was.",
    ),
}
