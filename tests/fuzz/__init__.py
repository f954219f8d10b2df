"""Harnesses for every parser: each states a promise, a fuzzer looks for bytes that break it, a corpus keeps what it found.

A harness is a module with `check(data)`, which fails when the promise is broken, `seeds()`, which makes inputs by our
own writers, and `LONGEST`, the most bytes that a fuzzer tries. `corpus/<harness>/` holds the seeds (`seed-…`) and
every reproducer of something that was mended. `make fuzz` searches; `test_corpus.py` replays, everywhere.
"""

HARNESSES = (
    "age_armor",
    "age_bech32",
    "age_file",
    "age_header",
    "age_keys",
    "age_stream",
    "backup",
    "encoding",
    "envelope",
    "escrow",
    "gateway_headers",
    "gateway_multipart",
    "gateway_wire",
    "keystore_sealing",
    "records",
    "sdk_contents",
    "sdk_links",
    "sdk_names",
)
