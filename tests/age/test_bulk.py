"""Files and pipes at full speed give the same bytes as one piece in memory."""

import contextlib
import errno
import os
import threading

import pytest

from vault.age import PayloadError, SealStream, SourceChangedError, batches, body_size, bulk
from vault.age.batches import Batch, FileSource, PipeSink, PipeSource
from vault.age.bulk import PLAIN_BATCH, SEALED_BATCH, decrypt_file, encrypt_file, seal, unseal, verify_file, write_all

KEY = bytes(range(32))
SIZES = [0, 1, 65535, 65536, 65537, PLAIN_BATCH - 1, PLAIN_BATCH, PLAIN_BATCH + 1, 5 * PLAIN_BATCH + 70_000]


def plaintext(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def sealed(size):
    stream = SealStream(KEY)
    return stream.update(plaintext(size)) + stream.finish()


@pytest.fixture
def file(tmp_path):
    """Open a new file with these contents, to read and write."""
    opened = []

    def make(content=b""):
        path = tmp_path / str(len(opened))
        path.write_bytes(content)
        opened.append(os.open(path, os.O_RDWR))
        return opened[-1]

    yield make
    for fd in opened:
        os.close(fd)


@pytest.fixture
def pipe():
    """A pipe that gives these contents, or collects them."""
    threads, ends = [], []

    def feed(content):
        out, into = os.pipe()
        ends.append(out)
        threads.append(threading.Thread(target=pour, args=(into, content)))
        threads[-1].start()
        return out

    def pour(into, content):
        try:
            with contextlib.suppress(BrokenPipeError):
                write_all(into, content)
        finally:
            os.close(into)  # or whoever reads would wait for good

    yield feed
    for end in ends:
        os.close(end)
    for thread in threads:
        thread.join()


def content_of(fd):
    return os.pread(fd, 1 << 30, 0)


@pytest.mark.parametrize("size", SIZES)
def test_files_go_round(size, file):
    plain, body, again = file(plaintext(size)), file(), file()
    assert encrypt_file(plain, body, KEY) == body_size(size)
    assert content_of(body) == sealed(size)
    assert verify_file(body, KEY) == size
    assert decrypt_file(body, again, KEY) == size
    assert content_of(again) == plaintext(size)


@pytest.mark.parametrize("size", SIZES)
def test_pipes_go_round(size, file, pipe):
    body, again = file(b"head"), file()
    encrypt_file(pipe(plaintext(size)), body, KEY, out_offset=4)
    assert content_of(body) == b"head" + sealed(size)
    assert decrypt_file(pipe(content_of(body)[4:]), again, KEY) == size
    assert content_of(again) == plaintext(size)


def test_a_file_goes_into_a_pipe_in_order(file):
    size = 5 * PLAIN_BATCH + 70_000
    out, into = os.pipe()
    collected = []

    def collect():
        while piece := os.read(out, 65536):
            collected.append(piece)

    reader = threading.Thread(target=collect)
    reader.start()
    body = file(b"head" + sealed(size))
    decrypt_file(body, into, KEY, in_offset=4)
    os.close(into)
    reader.join()
    os.close(out)
    assert b"".join(collected) == plaintext(size)


@pytest.mark.parametrize("place", [0, 100, SEALED_BATCH + 5, -1])
def test_a_damaged_body_is_refused(place, file, pipe):
    body = bytearray(sealed(3 * PLAIN_BATCH))
    body[place] ^= 1
    for source in (file(body), pipe(bytes(body))):
        with pytest.raises(PayloadError):
            decrypt_file(source, file(), KEY)
    with pytest.raises(PayloadError):
        verify_file(file(body), KEY)


@pytest.mark.parametrize("cut", [0, 15, SEALED_BATCH, SEALED_BATCH + 16, SEALED_BATCH + 17])
def test_a_body_cut_off_is_refused(cut, file, pipe):
    body = sealed(3 * PLAIN_BATCH)[:cut]
    for source in (file(body), pipe(body)):
        with pytest.raises(PayloadError):
            decrypt_file(source, file(), KEY)


def test_an_empty_end_after_a_whole_batch_is_refused(file):
    stream = SealStream(KEY)
    whole = stream.update(plaintext(PLAIN_BATCH + 1))
    end = SealStream(KEY)
    end._index = 16
    body = whole + end.finish()
    with pytest.raises(PayloadError):
        decrypt_file(file(body), file(), KEY)
    given = iter([body, b""])
    with pytest.raises(PayloadError, match="empty"):
        unseal(PipeSource(lambda _size: next(given, b""), SEALED_BATCH), PipeSink(lambda _piece: None), KEY)


def test_a_file_that_grows_shorter_is_noticed(file):
    fd = file(plaintext(PLAIN_BATCH))
    source = FileSource(fd, 0, PLAIN_BATCH)
    os.truncate(fd, 5)
    with pytest.raises(SourceChangedError, match="shorter"):
        source.fill(memoryview(bytearray(PLAIN_BATCH)))


def test_a_file_that_is_written_to_meanwhile_is_noticed(file, monkeypatch):
    fd = file(plaintext(100))
    monkeypatch.setattr(bulk, "seal", lambda *_args, **_options: os.pwrite(fd, b"more", 100))
    with pytest.raises(SourceChangedError, match="changed"):
        encrypt_file(fd, file(), KEY)


def test_what_was_read_ahead_of_a_pipe_comes_first():
    given = iter([b"world"])
    source, buffer = PipeSource(lambda _size: next(given, b""), 16, b"hello "), memoryview(bytearray(16))
    assert source.fill(buffer) == Batch(0, 11, last=True)
    assert bytes(buffer[:11]) == b"hello world"
    assert source.fill(buffer) is None


def test_a_system_that_reads_and_writes_less_than_asked_is_asked_again(file, monkeypatch):
    read, write = os.preadv, os.pwrite
    monkeypatch.setattr(os, "preadv", lambda fd, buffers, at: read(fd, [buffers[0][:500_001]], at))
    monkeypatch.setattr(os, "pwrite", lambda fd, content, at: write(fd, content[:70_001], at))
    size = 2 * PLAIN_BATCH + 70_000
    body, again = file(), file()
    encrypt_file(file(plaintext(size)), body, KEY)
    decrypt_file(body, again, KEY)
    monkeypatch.undo()
    assert content_of(body) == sealed(size)
    assert content_of(again) == plaintext(size)


@pytest.mark.parametrize("reason", batches._NO_ALLOCATION)
def test_a_file_system_that_claims_no_room_is_written_to_all_the_same(reason, file, monkeypatch):
    def refuse(*_args):
        raise OSError(reason, "not here")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    body = file()
    encrypt_file(file(b"x"), body, KEY)
    assert verify_file(body, KEY) == 1


def test_a_full_disk_shows_before_anything_is_written(file, monkeypatch):
    def refuse(*_args):
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    body = file()
    with pytest.raises(OSError, match="no room"):
        encrypt_file(file(b"x"), body, KEY)
    assert not content_of(body)


def test_a_failing_writer_stops_all_threads(file):
    def write(_piece):
        raise BrokenPipeError(errno.EPIPE, "gone")

    source = FileSource(file(plaintext(5 * PLAIN_BATCH)), 0, PLAIN_BATCH)
    with pytest.raises(BrokenPipeError):
        seal(source, PipeSink(write), KEY)


def test_an_interrupt_does_not_wait_for_a_silent_pipe():
    silent = threading.Event()
    main = threading.current_thread()

    def read(_size):
        if threading.current_thread() is main:
            raise KeyboardInterrupt
        silent.wait(5)
        return b""

    source = PipeSource(read, PLAIN_BATCH)
    source._turn = threading.Semaphore(2)
    with pytest.raises(KeyboardInterrupt):
        seal(source, PipeSink(lambda _piece: None), KEY)
    silent.set()
