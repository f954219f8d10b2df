"""`dossier age`: encrypt and decrypt age files, with the flags of the `age` command; all or nothing.

A failed decryption writes nothing, neither a file nor a byte to standard output.
"""

from __future__ import annotations

import os
import sys
import tempfile

from vault.age import ScryptRecipient, parse_recipient
from vault.age.armor import Armorer
from vault.age.batches import FileSink, FileSource, PipeSink, PipeSource, Source
from vault.age.bulk import PLAIN_BATCH, SEALED_BATCH, decrypt_file, encrypt_file, seal, unseal, verify_file, write_all
from vault.age.derive import FILE_KEY_SIZE, NONCE_SIZE, payload_key
from vault.age.errors import NoMatchError
from vault.age.format import Header
from vault.age.head import read_head
from vault.age.header import unwrap, write_header
from vault.age.recipients import Identity, Recipient
from vault.age.scrypt import ScryptIdentity
from vault.cli.age_failures import guarded
from vault.cli.age_input import Encrypted, Input
from vault.cli.age_options import USAGE, Options, UsageError, read_options
from vault.cli.age_output import WholeFile, is_stream, open_stream
from vault.cli.age_secrets import passphrase, read_identities, read_recipients


def main(argv: list[str]) -> int:
    """Run the command; return 0, 1 (failed; nothing was written under the output's name), 2 (usage) or 130."""
    return guarded("age", lambda: _run(read_options(argv)))


def _run(options: Options) -> None:
    if "help" in options.flags:
        print(USAGE, end="")
        return
    with Input(options.input) as source:
        if options.output not in {None, "-"} and source.is_file(str(options.output)):
            raise UsageError("INPUT and OUTPUT are the same file")
        if "decrypt" in options.flags:
            _decrypt(source, options)
        else:
            _encrypt(source, options)


def _recipients(options: Options) -> list[Recipient]:
    if "passphrase" in options.flags:
        return [ScryptRecipient(passphrase("Passphrase: ", confirm=True))]
    found: list[Recipient] = [parse_recipient(text) for text in options.recipients]
    for path in options.recipient_files:
        found += read_recipients(path)
    for path in options.identity_files:
        found += [identity.recipient() for identity in read_identities(path)]
    return found


def _encrypt(source: Input, options: Options) -> None:
    armored = "armor" in options.flags
    if options.output is None and not armored and os.isatty(1):
        raise UsageError("a terminal cannot show an encrypted file; use -a, or -o FILE")
    file_key, nonce = os.urandom(FILE_KEY_SIZE), os.urandom(NONCE_SIZE)
    head = write_header(file_key, _recipients(options)) + nonce
    key = payload_key(file_key, nonce)
    if is_stream(options.output):
        _encrypt_in_turn(source, open_stream(options.output), head, key, armored=armored)
        return
    with WholeFile(str(options.output)) as output:
        if armored:
            _encrypt_in_turn(source, output.fd, head, key, armored=True)
        else:
            os.pwrite(output.fd, head, 0)
            encrypt_file(source.fd, output.fd, key, in_offset=source.start, out_offset=len(head))
        output.keep()


def _encrypt_in_turn(source: Input, out_fd: int, head: bytes, key: bytes, *, armored: bool) -> None:
    """Write the file in sequence, armored if requested."""
    armorer = Armorer()

    def write(piece: bytes | memoryview) -> None:
        write_all(out_fd, armorer.update(piece) if armored else piece)

    write(head)
    seal(_batches(source, PLAIN_BATCH), PipeSink(write), key)
    if armored:
        write_all(out_fd, armorer.finish())


def _batches(source: Input, size: int) -> Source:
    return FileSource(source.fd, source.start, size) if source.is_regular else PipeSource(source.read, size)


def _decrypt(source: Input, options: Options) -> None:
    encrypted = Encrypted(source)
    head, surplus = read_head(encrypted.read)
    header = head.parsed()
    key = payload_key(unwrap(header, _identities(header, options)), head.nonce)
    offset = source.start + len(head.to_bytes())
    by_offset = source.is_regular and not encrypted.is_armored
    if is_stream(options.output):
        out_fd = open_stream(options.output)
        if by_offset:
            _release(source.fd, offset, out_fd, key)
        else:
            _spool_and_release(encrypted, surplus, out_fd, key)
        return
    with WholeFile(str(options.output)) as output:
        if by_offset:
            decrypt_file(source.fd, output.fd, key, in_offset=offset)
        else:
            body = PipeSource(encrypted.read, SEALED_BATCH, surplus)
            unseal(body, FileSink(output.fd, 0, PLAIN_BATCH), key)
        output.keep()


def _identities(header: Header, options: Options) -> list[Identity]:
    """Return the identities that may open the file; ask for the passphrase only when one can open it."""
    by_passphrase = header.stanzas[0].type == "scrypt"
    if options.identity_files:
        if by_passphrase:
            raise NoMatchError("this file is opened by a passphrase, not by identities: leave -i out")
        return [identity for path in options.identity_files for identity in read_identities(path)]
    if not by_passphrase:
        raise NoMatchError("this file is opened by an identity: name its file with -i")

    return [ScryptIdentity(passphrase("Passphrase: "))]


def _release(in_fd: int, offset: int, out_fd: int, key: bytes) -> None:
    """Read the body twice: written output cannot be taken back, so verify the last chunk before writing the first."""
    verify_file(in_fd, key, in_offset=offset)
    unseal(FileSource(in_fd, offset, SEALED_BATCH), PipeSink(lambda piece: write_all(out_fd, piece)), key)


def _spool_and_release(encrypted: Encrypted, surplus: bytes, out_fd: int, key: bytes) -> None:
    """Spool an input that can be read only once, still encrypted, into an unnamed temporary file."""
    with tempfile.TemporaryFile(buffering=0) as spool:
        write_all(spool.fileno(), surplus)
        while piece := encrypted.read(SEALED_BATCH):
            write_all(spool.fileno(), piece)
        _release(spool.fileno(), 0, out_fd, key)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
