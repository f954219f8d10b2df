"""What `dossier login` says."""

TEXTS = {
    "email": ("E-mailadres: ", "E-mail address: "),
    "done": ("U bent aangemeld bij {practice} als {email}.", "You are signed in to {practice} as {email}."),
}
