"""The C library's malloc arenas: how a process keeps freed memory."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8  # malloc.h of the GNU C library; other C libraries have no arenas to limit


def one_heap() -> None:
    """Let all threads share one heap.

    By default glibc gives threads their own heaps, and each heap keeps its peak: with 200 concurrent downloads a
    process grew by 105 MiB instead of 73. Contention for the one heap is negligible beside the copying.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
