"""What `dossier certificate` says."""

TEXTS = {
    "act": ("verify (nakijken) of get (ophalen)", "verify or get"),
    "subject": (
        "bij verify het bestand; bij get het nummer van de vernietiging",
        "for verify the file; for get the erasure's number",
    ),
    "client_copy": (
        "bij get: het bestand van de cliënt dat bij erase begonnen is",
        "for get: the client's file that erase has begun",
    ),
    "no_file": ("het bestand kan niet worden gelezen: {path}", "the file cannot be read: {path}"),
    "not_begun": (
        "in {path} is geen verklaring voor de cliënt begonnen",
        "no client's copy was begun in {path}",
    ),
    "valid": (
        "De verklaring klopt. Controlewoorden van de praktijk: {words}",
        "The certificate holds. Fingerprint of the practice: {words}",
    ),
    "invalid": ("De verklaring klopt niet.", "The certificate does not hold."),
    "check.file": ("het bestand is te lezen", "the file can be read"),
    "check.rosters": ("wie bij de praktijk hoort", "who belongs to the practice"),
    "check.practice": ("van uw praktijk", "of your practice"),
    "check.signature": ("ondertekend door de kluis van de praktijk", "signed by the practice's vault"),
    "check.times": ("de tijden volgen elkaar op", "the times follow each other"),
    "check.tombstones": ("de vernietigingen staan in het register", "the destructions are in the ledger"),
    "check.commitment": ("het gaat over de genoemde cliënt", "it is about the client named"),
    "unreadable": ("Dit is geen verklaring, of ze is beschadigd ({reason}).", "No certificate, or damaged ({reason})."),
    "rosters_broken": (
        "De lijst van wie bij de praktijk hoort is veranderd ({reason}).",
        "The list of who belongs to the practice was changed ({reason}).",
    ),
    "other_practice": (
        "Deze verklaring is van een andere praktijk dan die van dit apparaat.",
        "This certificate is another practice's than this device's.",
    ),
    "certificate_not_signed": (
        "De verklaring is niet door de kluis van de praktijk ondertekend, of veranderd ({reason}).",
        "The certificate was not signed by the practice's vault, or was changed ({reason}).",
    ),
    "tombstone_not_signed": (
        "Een vernietiging is niet door de kluis van de praktijk ondertekend, of veranderd ({reason}).",
        "A tombstone was not signed by the practice's vault, or was changed ({reason}).",
    ),
    "times_out_of_order": ("De tijden kunnen zo niet zijn geweest.", "The times cannot have been so."),
    "horizon_too_early": (
        "De dag waarop back-ups leeg zijn ligt vóór de vernietiging.",
        "The horizon lies before the destruction.",
    ),
    "of_the_future": ("De verklaring komt uit de toekomst.", "The certificate is of the future."),
    "tombstones_differ": (
        "De vernietigingen zijn niet die van de verklaring.",
        "The tombstones are not the certificate's.",
    ),
    "tombstones_of_another": (
        "De vernietigingen horen bij iets anders.",
        "The tombstones belong to something else.",
    ),
    "ledger_broken": ("Het register klopt niet bij nummer {sequence}.", "The ledger breaks at number {sequence}."),
    "other_name": (
        "De naam of het bewijs daarvan is een andere dan bij de opening van het dossier.",
        "The name, or its proof, is another than when the dossier was opened.",
    ),
}
