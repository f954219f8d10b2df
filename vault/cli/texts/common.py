"""What every verb may say."""

TEXTS = {
    "usage": ("gebruik: ", "usage: "),
    "arguments": ("argumenten", "arguments"),
    "options": ("opties", "options"),
    "summary": (
        "De kluis voor cliëntdossiers: versleuteld op uw eigen apparaat.",
        "The vault for client dossiers: encrypted on your own device.",
    ),
    "overall": ("gebruik: dossier OPDRACHT …", "usage: dossier VERB …"),
    "verbs": ("Opdrachten:", "Verbs:"),
    "more": (
        "Hulp bij één opdracht: dossier OPDRACHT --help. Overal: --json, --yes, --lang nl|en.",
        "Help with one verb: dossier VERB --help. Everywhere: --json, --yes, --lang nl|en.",
    ),
    "help": ("deze hulp tonen", "show this help"),
    "json": ("antwoord met één JSON-object", "answer with one JSON object"),
    "yes": ("niets vragen: overal ja", "never ask: yes to everything"),
    "lang": ("taal: nl of en", "language: nl or en"),
    "email": ("uw e-mailadres", "your e-mail address"),
    "dossier": (
        "nummer van het dossier, een begin daarvan, of de precieze naam",
        "the dossier's id, a unique beginning of it, or the exact name",
    ),
    "password": ("Wachtwoord: ", "Password: "),
    "new_password": ("Nieuw wachtwoord (leeg: maak zes woorden): ", "New password (empty: make six words): "),
    "password_made": (
        "Uw wachtwoord, schrijf het nu op: {password}",
        "Your password, write it down now: {password}",
    ),
    "waiting": (
        "Deze code is al gebruikt; over {seconds} seconden komt de volgende.",
        "This code was used; the next one comes in {seconds} seconds.",
    ),
    "totp_made": (
        "Nieuwe eenmalige codes: de sleutel staat in {path}. Zet hem ook in een app op uw telefoon.",
        "New one-time codes: the key is in {path}. Add it to an app on your telephone too.",
    ),
    "totp_key": ("Sleutel voor de app: {key}", "Key for the app: {key}"),
    "repeat_password": ("Nog eens: ", "Once more: "),
    "passwords_differ": ("De twee wachtwoorden zijn niet gelijk. Probeer het nog eens.", "They differ. Try again."),
    "code": ("Code uit uw app: ", "Code from your app: "),
    "confirm": ("{question} [j/N] ", "{question} [y/N] "),
    "recovered": (
        "Let op: de praktijk is onlangs hersteld met het herstelblad. Weet u daar niet van? Bel de directie.",
        "Note: the practice was recently recovered with the recovery sheet. If that is news to you, call the director.",
    ),
}
