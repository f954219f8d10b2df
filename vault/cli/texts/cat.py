"""What `dossier cat` says."""

TEXTS = {
    "out": ("het bestand waarin het komt (standaard: het scherm)", "the file to save it as (default: standard output)"),
    "json_needs_out": ("--json gaat bij cat alleen samen met --out", "with cat, --json needs --out"),
    "no_text": ("dit document is geen tekst voor een scherm", "this document is no text for a terminal"),
    "saved": ("Bewaard als {file} ({size}).", "Saved as {file} ({size})."),
}
