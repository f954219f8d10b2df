"""What `dossier open` says."""

TEXTS = {
    "name": ("naam van de cliënt of opdrachtgever", "the client's or commissioning party's name"),
    "kind": ("client (cliënt) of commissioner (opdrachtgever)", "client or commissioner (commissioning party)"),
    "purpose": ("waarvoor het dossier wordt bijgehouden", "what the dossier is kept for"),
    "done": ("Dossier van {name} geopend: {dossier}", "Dossier of {name} opened: {dossier}"),
}
