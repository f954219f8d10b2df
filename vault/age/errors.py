"""What can go wrong with an age file: one class for each failure class of the test vectors (C2SP/CCTV/age).

`vault.age` imports nothing else of this project, so it has an error root of its own. No message holds a secret.
"""


class AgeError(Exception):
    """What happened, in one sentence."""


class HeaderError(AgeError):
    """Header failure: this is not an age v1 header, or one of its stanzas is malformed."""


class NoMatchError(AgeError):
    """No match: a good header, and none of the identities opens it."""


class HmacError(AgeError):
    """HMAC failure: the file key was found, but the header was changed."""


class ArmorError(AgeError):
    """Armor failure: the text around the file is not strict age armor."""


class PayloadError(AgeError):
    """Payload failure: a chunk is forged, missing, out of order or surplus, or the size is impossible."""


class CommitmentError(AgeError):
    """The given file key is not the one the signed record commits to."""


class KeyStringError(AgeError):
    """A recipient or an identity cannot be read: mistyped, cut off, or of a kind unknown here."""


class RecipientError(AgeError):
    """These recipients cannot share one header, or there is none."""


class SourceChangedError(AgeError):
    """The file changed while it was read; the output must be deleted."""
