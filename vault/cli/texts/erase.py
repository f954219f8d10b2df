"""What `dossier erase` says."""

TEXTS = {
    "dossier": ("welk dossier", "which dossier"),
    "documents": ("welke documenten (standaard: het hele dossier)", "which documents (default: the whole dossier)"),
    "basis": (
        "wie het vraagt: client (meteen) of staff (na de bedenktijd)",
        "who asks: client (at once) or staff (after the delay)",
    ),
    "wait": ("wachten tot de vernietigingsverklaring er is", "wait for the certificate of destruction"),
    "client_copy": (
        "nieuw bestand voor de verklaring van de cliënt, met naam",
        "new file for the client's copy of the certificate, with the name",
    ),
    "undo": ("een verzoek van de praktijk terugnemen", "take back what staff asked"),
    "usage": (
        "noem een dossier en --basis, of --undo met het nummer van de vernietiging",
        "name a dossier and --basis, or --undo with the erasure's number",
    ),
    "ask.whole": (
        "Het hele dossier van {name} wordt vernietigd, met alle links. Documenten: {count}. Geen weg terug. Doorgaan?",
        "The whole dossier of {name} will be destroyed, with every link. Documents: {count}. No way back. Go on?",
    ),
    "ask.documents": (
        "Uit het dossier van {name} wordt vernietigd: {documents}. Er is geen weg terug. Doorgaan?",
        "Of the dossier of {name} this will be destroyed: {documents}. There is no way back. Go on?",
    ),
    "nothing": ("Er is niets gevraagd.", "Nothing was asked for."),
    "requested": (
        "De vernietiging {erasure} is gevraagd en gaat nu in. Verklaring straks: dossier certificate get {erasure}",
        "The erasure {erasure} was asked for and begins now. Its certificate, later: dossier certificate get {erasure}",
    ),
    "delayed": (
        "De vernietiging {erasure} gaat in op {at}. Terugnemen tot dan: dossier erase --undo {erasure}",
        "The erasure {erasure} begins on {at}. Until then: dossier erase --undo {erasure}",
    ),
    "step.requested": ("gevraagd", "asked for"),
    "step.fenced": ("afgesloten", "shut off"),
    "step.shredded": ("sleutels vernietigd", "keys destroyed"),
    "step.removed": ("bestanden verwijderd", "files removed"),
    "step.verified": ("nagekeken", "verified"),
    "step.certified": ("verklaring ondertekend", "certificate signed"),
    "step.withdrawn": ("teruggenomen", "taken back"),
    "go_on": (
        "U hoeft niet te wachten: het gaat vanzelf verder. Verklaring: dossier certificate get {erasure}",
        "No need to wait: it goes on by itself. Certificate: dossier certificate get {erasure}",
    ),
    "certified": (
        "Vernietigd. De vernietigingsverklaring ligt in {path}, om te printen: {page}",
        "Destroyed. The certificate lies in {path}, to print: {page}",
    ),
    "client_copy_done": ("De verklaring voor de cliënt: {path}", "The client's copy: {path}"),
    "client_copy_begun": (
        "De verklaring voor de cliënt maakt u straks af met: dossier certificate get {erasure} --client-copy {path}",
        "The client's copy is completed later by: dossier certificate get {erasure} --client-copy {path}",
    ),
    "withdrawn": ("De vernietiging {erasure} is teruggenomen.", "The erasure {erasure} was taken back."),
}
