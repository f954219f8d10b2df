"""What `dossier doctor` says."""

TEXTS = {
    "check.server": ("de server is bereikbaar", "the server can be reached"),
    "check.ready": ("de server kan werken", "the server can work"),
    "check.records": ("server: de gegevens", "server: the records"),
    "check.keystore": ("server: de sleutels", "server: the keys"),
    "check.objects": ("server: de bestanden", "server: the files"),
    "check.sweep": ("server: het werkproces ruimt op tijd op", "server: the worker sweeps in time"),
    "check.complete": ("server: van elk document is alles er", "server: every document is complete"),
    "check.clock": ("de klok loopt gelijk met die van de server", "the clock agrees with the server's"),
    "check.home": ("de map op dit apparaat (DOSSIER_HOME)", "the folder on this device (DOSSIER_HOME)"),
    "check.private": ("niemand anders kan erin lezen", "nobody else can read it"),
    "check.member": ("van wie dit apparaat is", "whose device this is"),
    "check.session": ("aangemeld", "signed in"),
    "check.roster": ("wie bij de praktijk hoort", "who belongs to the practice"),
    "check.spool": ("niets blijven steken", "nothing left half-way"),
    "check.totp": ("de sleutel van de eenmalige codes", "the key of the one-time codes"),
    "check.age": ("versleutelen en openen werkt hier", "encrypting and opening works here"),
    "healthy": ("Alles is in orde.", "All is well."),
    "ill": ("Er is iets te herstellen.", "There is something to mend."),
    "unreachable": (
        "{url} antwoordt niet. Draait de server (dossier serve), en klopt DOSSIER_URL?",
        "{url} does not answer. Is the server running (dossier serve), and is DOSSIER_URL right?",
    ),
    "unready": ("De server is er, maar kan nu niet werken.", "The server is there, but cannot work now."),
    "clock_differs": (
        "De klok scheelt {seconds} seconden met die van de server. Zet haar gelijk; eenmalige codes hangen ervan af.",
        "The clock differs by {seconds} seconds from the server's. Set it right; one-time codes depend on it.",
    ),
    "home_unusable": (
        "In {path} kan niet worden geschreven ({reason}). Maak ruimte, of zet DOSSIER_HOME op een eigen map.",
        "{path} cannot be written ({reason}). Make room, or set DOSSIER_HOME to a folder of your own.",
    ),
    "not_private": (
        "Anderen kunnen lezen: {paths}. Herstel met: chmod go-rwx.",
        "Others can read: {paths}. Mend it by: chmod go-rwx.",
    ),
    "no_member": (
        "Nog niemand. Meld u aan met: dossier login --email …",
        "Nobody's yet. Sign in with: dossier login --email …",
    ),
    "member_damaged": (
        "{path} is beschadigd. Verwijder het en meld u opnieuw aan.",
        "{path} is damaged. Remove it and sign in again.",
    ),
    "not_signed_in": ("Meld u aan met: dossier login", "Sign in with: dossier login"),
    "roster_doubtful": (
        "Wat de server van de praktijk toont klopt niet met wat dit apparaat weet ({reason}). Vertel het de directie.",
        "What the server shows of the practice is not what this device knows ({reason}). Tell the director.",
    ),
    "spool_left": (
        "Er staan {count} onafgemaakte opslagen ({size}). Herhaal dezelfde dossier put; na een dag verdwijnen ze.",
        "There are {count} unfinished deposits ({size}). Run the same dossier put again; after a day they go.",
    ),
    "totp_unreadable": (
        "In {path} staat geen leesbare sleutel. Kijk naar DOSSIER_TOTP_FILE.",
        "There is no readable key in {path}. Look at DOSSIER_TOTP_FILE.",
    ),
    "totp_open": (
        "Anderen kunnen {path} lezen. Herstel met: chmod 600 {path}",
        "Others can read {path}. Mend it by: chmod 600 {path}",
    ),
    "age_broken": (
        "Versleutelen werkt hier niet ({reason}). Installeer de kluis opnieuw.",
        "Encryption does not work here ({reason}). Install the vault again.",
    ),
}
