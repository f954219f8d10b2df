"""Failures in the user's language, by their stable code: what happened, and what to do now.

`{detail}` is what the failure itself says. An English text may be empty: then the failure speaks for itself.
"""

TEXTS = {
    "sign_in": ("U bent niet aangemeld.", ""),
    "sign_in.advice": ("Meld u aan met: dossier login --email …", "Sign in with: dossier login --email …"),
    "unreachable": ("De server is nu niet bereikbaar.", ""),
    "unreachable.advice": (
        "Er is niets verloren. Kijk of DOSSIER_URL klopt en probeer het straks opnieuw.",
        "Nothing was lost. Check DOSSIER_URL and try again in a moment.",
    ),
    "unavailable": ("Dat kan nu niet: {detail}", ""),
    "unavailable.advice": ("Er is niets verloren. Probeer het straks opnieuw.", "Nothing was lost. Try again later."),
    "restored": ("De kluis is hersteld uit een reservekopie en wacht op de directie.", ""),
    "credentials_wrong": ("Het e-mailadres of het wachtwoord klopt niet.", ""),
    "credentials_wrong.advice": ("Typ beide opnieuw; let op hoofdletters.", ""),
    "code_wrong": ("De eenmalige code klopt niet.", ""),
    "code_wrong.advice": ("Kijk of de klok van dit apparaat en van uw telefoon goed staat.", ""),
    "too_many": ("Er is te vaak achter elkaar geprobeerd.", "Too many tries in a row."),
    "too_many.advice": ("Wacht even en probeer het dan opnieuw.", "Wait a little, then try again."),
    "password_weak": ("Dit wachtwoord is te raden.", ""),
    "password_weak.advice": (
        "Neem zes willekeurige woorden, of een veel langer wachtwoord.",
        "Take six random words, or a much longer password.",
    ),
    "parameters_refused": ("De server vraagt om een onveilige beveiliging van uw wachtwoord.", ""),
    "parameters_refused.advice": ("Er is niets verstuurd. Kijk of DOSSIER_URL klopt en bel de beheerder.", ""),
    "rolled_back": ("De server toont minder dan dit apparaat al heeft gezien.", ""),
    "rolled_back.advice": ("Er is niets veranderd. Vertel het de directie.", ""),
    "forked": ("De server toont iets anders dan dit apparaat al heeft gezien.", ""),
    "forked.advice": ("Er is niets veranderd. Ga niet verder en vertel het de directie.", ""),
    "answer_invalid": ("De server antwoordt iets dat niet kan kloppen: {detail}", ""),
    "answer_invalid.advice": (
        "Er is niets bewaard. Kijk of DOSSIER_URL klopt en vertel het de beheerder.",
        "Nothing was saved. Check DOSSIER_URL and tell the person who runs the server.",
    ),
    "integrity": ("Er klopt iets niet: {detail}", ""),
    "integrity.advice": ("Er is niets bewaard. Vertel het de directie.", "Nothing was saved. Tell the director."),
    "not_found": ("Dat bestaat niet, of het is niet van u.", ""),
    "not_found.advice": ("Kijk wat van u is met: dossier ls", "See what is yours with: dossier ls"),
    "ambiguous": ("Dat kunnen er meer zijn: {detail}", ""),
    "ambiguous.advice": ("Geef het nummer, of zoveel ervan als nodig is.", ""),
    "input_missing": ("Er ontbreekt iets en er is niemand om het aan te vragen: {detail}", ""),
    "no_terminal": (
        "Geef het mee met een optie of een bestand; zie --help.",
        "Give it by an option or a file; see --help.",
    ),
    "other_member": ("Deze map (DOSSIER_HOME) is van iemand anders.", ""),
    "other_member.advice": ("Zet DOSSIER_HOME op een eigen map voor ieder.", ""),
    "setup_done": ("Deze kluis is al ingericht.", "This vault was set up already."),
    "setup_done.advice": ("Meld u aan met: dossier login", "Sign in with: dossier login"),
    "token_wrong": ("De inrichtingscode klopt niet.", "The set-up token is wrong."),
    "token_wrong.advice": (
        "Neem het bestand dat de server bij het starten noemt (data/setup-token).",
        "Take the file that the server names when it starts (data/setup-token).",
    ),
    "link_unavailable": ("Deze link is niet (meer) beschikbaar.", "This link is not available."),
    "link_unavailable.advice": (
        "Vraag de afzender om een nieuwe link.",
        "Ask the sender for a new link.",
    ),
    "usage": ("Zo werkt deze opdracht niet: {detail}", ""),
    "interrupted": ("Gestopt.", "Stopped."),
    "system": ("Dat lukte niet op deze computer: {detail}", "That did not work on this machine: {detail}"),
    "system.advice": (
        "Er is niets verloren. Los dit op en probeer het opnieuw.",
        "Nothing was lost. Mend it, try again.",
    ),
    "unexpected": (
        "Er ging iets mis dat wij niet voorzagen ({detail}).",
        "Something unforeseen went wrong ({detail}).",
    ),
    "unexpected.advice": (
        "Er is niets verloren. Meld het, met DOSSIER_DEBUG=1 erbij.",
        "Nothing was lost. Please report it, with what DOSSIER_DEBUG=1 shows.",
    ),
}
