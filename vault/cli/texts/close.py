"""What `dossier close` says."""

TEXTS = {
    "on": (
        "de dag waarop het traject eindigde (JJJJ-MM-DD; standaard vandaag)",
        "the day it ended (YYYY-MM-DD; today)",
    ),
    "no_day": ("geen dag: {text}", "this is no day: {text}"),
    "done": (
        "Het traject van {name} is beëindigd. Het dossier wordt vernietigd op {day}.",
        "The trajectory of {name} has ended. The dossier will be destroyed on {day}.",
    ),
    "running": (
        "Er loopt nog een traject van {name}; de bewaartermijn is niet begonnen.",
        "A trajectory of {name} still goes on; the term of retention has not begun.",
    ),
    "undo": ("Terugnemen: dossier reopen {dossier}", "To take it back: dossier reopen {dossier}"),
}
