"""What `dossier open` says."""

TEXTS = {
    "name": ("naam van de cliënt of opdrachtgever", "the client's or commissioning party's name"),
    "kind": ("client (cliënt) of commissioner (opdrachtgever)", "client or commissioner (commissioning party)"),
    "purpose": ("waarvoor het dossier wordt bijgehouden", "what the dossier is kept for"),
    "namesake": (
        "Let op: er is al een dossier van {name}. Noem ze voortaan bij hun nummer.",
        "Note: there is a dossier of {name} already. Name them by their ids from now on.",
    ),
    "done": ("Dossier van {name} geopend: {dossier}", "Dossier of {name} opened: {dossier}"),
}
