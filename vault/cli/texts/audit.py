"""What `dossier audit` says."""

TEXTS = {
    "act": ("verify: nakijken", "verify"),
    "subject": (
        "een dossier, of een audit.json uit een export (standaard: al uw dossiers)",
        "a dossier, or an export's audit.json (default: all your dossiers)",
    ),
    "dossier": ("Dossier {dossier}: {count} gebeurtenissen", "Dossier {dossier}: {count} entries"),
    "valid": ("Alles klopt.", "All of it holds."),
    "invalid": ("Er klopt iets niet. Vertel het de directie.", "Something does not hold. Tell the director."),
    "check.file": ("het bestand is te lezen", "the file can be read"),
    "check.rosters": ("wie bij de praktijk hoort", "who belongs to the practice"),
    "check.practice": ("van uw praktijk", "of your practice"),
    "check.entries": ("elke gebeurtenis sluit aan op de vorige", "every entry follows the one before"),
    "check.seen": ("niets minder dan eerder gezien", "no less than was seen before"),
    "check.checkpoints": ("ondertekende ijkpunten", "signed checkpoints"),
    "check.covered": ("het nieuwste ijkpunt dekt deze keten", "the newest checkpoint covers this chain"),
    "unreadable": ("Dit is geen audit.json, of hij is beschadigd ({reason}).", "No audit.json, or damaged ({reason})."),
    "rosters_broken": (
        "De lijst van wie bij de praktijk hoort is veranderd ({reason}).",
        "The list of who belongs to the practice was changed ({reason}).",
    ),
    "other_practice": (
        "Dit is van een andere praktijk dan die van dit apparaat.",
        "This is another practice's than this device's.",
    ),
    "no_entries": ("Er is geen enkele gebeurtenis.", "There is no entry at all."),
    "reordered": ("Nummer {sequence} staat niet op zijn plaats.", "Entry {sequence} is not in its place."),
    "missing": ("Nummer {sequence} ontbreekt.", "Entry {sequence} is missing."),
    "changed": ("Nummer {sequence} is veranderd.", "Entry {sequence} was changed."),
    "not_joined": (
        "Nummer {sequence} sluit niet aan op het vorige.",
        "Entry {sequence} does not follow the one before.",
    ),
    "cut_since_seen": (
        "De keten is afgebroken: nummer {sequence} was er al en is weg.",
        "The chain was cut: entry {sequence} was there before and is gone.",
    ),
    "other_past": (
        "Tot en met nummer {sequence} staat er iets anders dan dit apparaat eerder zag.",
        "Up to entry {sequence} it says something else than this device saw before.",
    ),
    "checkpoint_not_signed": (
        "Een ijkpunt is niet door de kluis van de praktijk ondertekend, of veranderd ({reason}).",
        "A checkpoint was not signed by the practice's vault, or was changed ({reason}).",
    ),
    "checkpoint_missing": ("IJkpunt {sequence} ontbreekt.", "Checkpoint {sequence} is missing."),
    "checkpoint_other": (
        "IJkpunt {sequence} is een ander dan dit apparaat eerder zag.",
        "Checkpoint {sequence} is another than this device saw before.",
    ),
    "leaves_differ": (
        "Wat erbij hoort is niet wat ijkpunt {sequence} ondertekent.",
        "What comes with it is not what checkpoint {sequence} signs.",
    ),
    "cut_or_other": (
        "IJkpunt {checkpoint} ondertekent een andere keten: vanaf nummer {sequence} is ze weg, of ze is herschreven.",
        "Checkpoint {checkpoint} signs another chain: its end is gone from entry {sequence} on, or all was rewritten.",
    ),
    "put_in_later": (
        "Nummer {sequence} is ouder gedateerd dan het ijkpunt dat het niet kent.",
        "Entry {sequence} is dated before the checkpoint that does not know it.",
    ),
}
