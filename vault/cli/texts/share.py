"""What `dossier share` says."""

TEXTS = {
    "documents": (
        "welke documenten (standaard: alle)",
        "which documents (default: all)",
    ),
    "to": (
        "voor wie: client; ieder ander alleen met toestemming",
        "for whom: client; anybody else needs a consent",
    ),
    "days": ("hoeveel dagen de link werkt (standaard 14)", "how many days the link works (default 14)"),
    "max": ("hoe vaak er mag worden opgehaald", "how often it may be picked up"),
    "positive": ("{option} is {value}, en moet minstens 1 zijn", "{option} is {value}, and must be at least 1"),
    "passphrase": ("met een wachtwoordzin van zes woorden", "with a passphrase of six words"),
    "made": (
        "Documenten: {count}. De link werkt tot {until} (Nederlandse tijd), hoogstens {max} keer.",
        "Documents: {count}. The link works until {until} (Dutch time), {max} times at most.",
    ),
    "revoke": ("Eerder beëindigen: dossier revoke {share}", "To end it earlier: dossier revoke {share}"),
    "apart": (
        "De wachtwoordzin. Geef die op een andere manier dan de link, bijvoorbeeld aan de telefoon:",
        "The passphrase. Pass it on another way than the link, by telephone for example:",
    ),
}
