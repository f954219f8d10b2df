"""What the verbs about documents share."""

TEXTS = {
    "document": (
        "nummer van het document, een begin daarvan, of de naam",
        "the document's id, a unique beginning of it, or its name",
    ),
    "progress": (
        "{bar} {done} van {total} · {speed}/s · nog {left}",
        "{bar} {done} of {total} · {speed}/s · {left} left",
    ),
}
