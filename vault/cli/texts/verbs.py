"""The list of verbs, in the order in which people need them, each with its line in `dossier --help`."""

TEXTS = {
    "serve": ("de hele kluis starten op deze computer", "start the whole vault on this machine"),
    "init": ("de praktijk en de eerste directie inrichten", "set up the practice and its first director"),
    "login": ("aanmelden op dit apparaat", "sign in on this device"),
    "logout": ("afmelden en de sleutels van dit apparaat wissen", "sign out and wipe the keys from this device"),
    "recover": ("weer binnenkomen met het herstelblad", "get back in with the recovery sheet"),
    "open": ("een dossier openen voor een cliënt", "open a dossier for a client"),
    "put": ("documenten in een dossier leggen", "put documents into a dossier"),
    "ls": ("uw dossiers tonen, of wat er in één dossier zit", "list your dossiers, or what one of them holds"),
    "cat": ("een document lezen", "read a document"),
    "share": ("een kopie delen met een link die verloopt", "share a copy by a link that expires"),
    "revoke": ("een link meteen beëindigen", "end a link at once"),
    "get": ("ophalen wat met u gedeeld is", "pick up what was shared with you"),
    "export": ("een dossier meenemen als gewone age-bestanden", "take a dossier out as ordinary age files"),
    "age": ("een bestand versleutelen of openen (age)", "encrypt or open a file (age)"),
    "age-keygen": ("een age-sleutel maken", "make an age key"),
    "completion": ("aanvullen met Tab in bash, zsh of fish", "completion by Tab in bash, zsh or fish"),
}
