"""The certificate of destruction for printing: one HTML page in Dutch and English, without external resources.

The page itself proves nothing; it names the file for `dossier certificate verify`, which is the proof.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from vault.records.types.certificate import Certificate
from vault.sdk.erasures.certificate_checks import Checked
from vault.texts.wording import plain_instant

_REASONS = {
    "client": ("op verzoek van de cliënt", "at the client's request"),
    "staff": ("op verzoek van de praktijk", "at the practice's request"),
    "retention": ("omdat de bewaartermijn voorbij was", "because the term of retention had passed"),
}
_STYLE = (
    ":root{color-scheme:light}@page{margin:2cm}*{box-sizing:border-box}"
    "body{font:12pt/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:44rem;margin:2rem auto;"
    "padding:0 1rem;overflow-wrap:anywhere}h1{font-size:1.7rem;line-height:1.2;margin:0}h2{font-size:1.1rem;"
    "margin:1.6rem 0 .3rem}header{border-bottom:.2rem solid #1a1a1a;padding-bottom:.8rem}header p{margin:.2rem 0 0}"
    "dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.35rem 1rem;margin:1rem 0}dt{color:#555}"
    "dd{margin:0}.horizon{border-left:.3rem solid #1a1a1a;padding:.2rem 0 .2rem 1rem}"
    "[lang=en]{color:#555;font-size:.92em}code{font-size:.85em}footer{margin-top:2rem;border-top:1px solid #999;"
    "padding-top:.8rem;font-size:.9em}section,dl{break-inside:avoid}"
    "@media(max-width:32rem){body{margin:1rem auto}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}}"
    "@media print{body{margin:0;max-width:none}}"
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The page's facts beside the certificate: `file` and its SHA-256; in the client's copy `name` and `documents`.

    `checked` are the members' checks, each with the member's name where it is known.
    """

    practice: str
    fingerprint: str
    file: str
    digest: str
    name: str | None = None
    documents: tuple[str, ...] = ()
    checked: tuple[tuple[Checked, str], ...] = ()


def render_certificate(certificate: Certificate, facts: PageFacts) -> str:
    """The page; foreign texts are escaped, and isolated so that they cannot change the text direction around them."""
    title, fingerprint, digest = (html.escape(text) for text in (facts.practice, facts.fingerprint, facts.digest))
    practice, file = _apart(facts.practice), _apart(facts.file)
    horizon = plain_instant(certificate.horizon, "nl"), plain_instant(certificate.horizon, "en")
    return f"""<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Vernietigingsverklaring {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{_STYLE}</style></head>
<body><header><h1>Vernietigingsverklaring</h1>
<p lang="en">Certificate of destruction</p><p>{practice}</p></header>
{_subject(certificate, facts)}
<dl>
{_rows(certificate)}
</dl>
{_documents(certificate, facts)}
{_checked(facts)}
<section><h2>Hoe het is vernietigd</h2>
<p>De sleutels waarmee deze gegevens versleuteld waren, zijn vernietigd, en ook de sleutel waarmee díe bewaard werden is
vervangen en vernietigd. Daarna zijn alle bestanden verwijderd, in elke versie, en is nagekeken of er niets meer staat
en niets meer te openen is.</p>
<p lang="en">The keys that these data were encrypted with were destroyed, and the key that protected those keys was
replaced and destroyed. Then every file was removed, in all versions, and it was looked again that nothing is left and
nothing opens.</p></section>
<section class="horizon"><h2>Reservekopieën</h2>
<p>Vanaf <strong>{horizon[0]}</strong> kan ook geen back-up van ons het meer openen.</p>
<p lang="en">From <strong>{horizon[1]}</strong> no backup of ours can open it either.</p></section>
<section><h2>Wat deze verklaring niet zegt</h2>
<p>Kopieën die vóór de vernietiging al waren opgehaald of gegeven, liggen bij wie ze ophaalde. Die kunnen wij niet
vernietigen; over die kopieën zegt deze verklaring niets.</p>
<p lang="en">Copies that were picked up or handed over before the destruction are with whoever took them. We cannot
destroy those, and this certificate says nothing about them.</p></section>
<footer><p>Controlewoorden van de praktijk <span lang="en">(fingerprint)</span>: <strong>{fingerprint}</strong></p>
<p>Deze bladzijde is een afdruk. Het bewijs is het bestand <strong>{file}</strong>; iedereen kan het zonder ons
nakijken met <code>dossier certificate verify {file}</code>. <span lang="en">This page is a print. The proof is that
file; anybody can verify it without us.</span></p>
<p>SHA-256: <code>{digest}</code><br>Nummer <span lang="en">(number)</span>: <code>{certificate.id}</code></p></footer>
</body></html>
"""


def _apart(text: str) -> str:
    """A foreign text, isolated within our own."""
    return f"<bdi>{html.escape(text)}</bdi>"


def _subject(certificate: Certificate, facts: PageFacts) -> str:
    whole = certificate.kind == "dossier"
    nl, en = ("Het hele dossier", "The whole dossier") if whole else ("Documenten uit het dossier", "Documents of it")
    lines = [
        f"<p>{nl} <code>{certificate.dossier}</code>: vernietigd {_REASONS[certificate.reason][0]}.</p>",
        f'<p lang="en">{en}: destroyed {_REASONS[certificate.reason][1]}.</p>',
    ]
    if facts.name is not None:
        lines.insert(0, f'<p>Betreft <span lang="en">(about)</span>: <strong>{_apart(facts.name)}</strong></p>')
    return "<section>" + "\n".join(lines) + "</section>"


def _documents(certificate: Certificate, facts: PageFacts) -> str:
    """The names of the client's documents, on her page alone; the others are counted."""
    if facts.name is None or not facts.documents:
        return ""
    items = "".join(f"<li>{_apart(path)}</li>" for path in facts.documents)
    others = certificate.counts.documents - len(facts.documents)
    more = f'<p>En {others} zonder naam <span lang="en">(and {others} without a name)</span>.</p>' if others else ""
    title = 'Welke documenten <span lang="en">(which documents)</span>'
    return f"<section><h2>{title}</h2><ul>{items}</ul>{more}</section>"


def _checked(facts: PageFacts) -> str:
    """Who verified the certificate and when, or that nobody did yet."""
    title = 'Wie het heeft nagekeken <span lang="en">(who checked it)</span>'
    if not facts.checked:
        nobody = '<p>Nog niemand van de praktijk. <span lang="en">Nobody of the practice yet.</span></p>'
        return f"<section><h2>{title}</h2>{nobody}</section>"
    items = []
    for check, name in facts.checked:
        nl, en = (plain_instant(check.at, language) for language in ("nl", "en"))
        left = ' Sindsdien vertrokken. <span lang="en">Has left since.</span>' if check.left else ""
        who = f"{_apart(name)} " if name else ""
        items.append(f'<li>{who}<code>{check.member}</code>: {nl} <span lang="en">({en})</span>{left}</li>')
    return f"<section><h2>{title}</h2><ul>{''.join(items)}</ul></section>"


def _rows(certificate: Certificate) -> str:
    counts = certificate.counts
    rows = [
        ("Documenten", "documents", str(counts.documents)),
        ("Gedeelde links", "shared links", str(counts.shares)),
        ("Sleutels", "keys", str(counts.keys)),
        ("Opgeslagen delen", "stored objects", f"{counts.objects} ({counts.bytes} bytes)"),
        *(
            (nl, en, f'{plain_instant(at, "nl")} <span lang="en">({plain_instant(at, "en")})</span>')
            for nl, en, at in (
                ("Gevraagd", "requested", certificate.requested),
                ("Sleutels vernietigd", "keys destroyed", certificate.shredded),
                ("Nagekeken", "verified", certificate.verified),
                ("Ondertekend", "signed", certificate.at),
            )
        ),
    ]
    return "\n".join(f'<dt>{nl} <span lang="en">({en})</span></dt><dd>{value}</dd>' for nl, en, value in rows)
