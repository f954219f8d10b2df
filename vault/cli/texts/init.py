"""What `dossier init` says."""

TEXTS = {
    "practice": ("naam van de praktijk", "the practice's name"),
    "name": ("uw eigen naam, zoals cliënten die zien", "your own name, as clients see it"),
    "token": ("bestand met de eenmalige inrichtingscode", "file with the one-time set-up token"),
    "sheet": ("nieuw bestand voor het herstelblad (.html of .txt)", "new file for the recovery sheet (.html or .txt)"),
    "done": (
        """{practice} is ingericht.
Controlewoorden: {words}
Print nu het herstelblad ({sheet}), bewaar het in een kluis en wis het bestand.
Meld u daarna aan met: dossier login --email …""",
        """{practice} is set up.
Fingerprint: {words}
Now print the recovery sheet ({sheet}), keep it in a safe and delete the file.
Then sign in with: dossier login --email …""",
    ),
}
