"""The peer as a program: one file to or from a bucket with `minio` alone. `put FILE NAME` or `get NAME FILE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from minio import Minio

PART, PARALLEL = 16 << 20, 3  # what served minio-py best here


def main(verb: str, first: str, second: str) -> None:
    """Where to and as whom stand in the environment: BARE_S3, BARE_BUCKET, BARE_ACCESS, BARE_SECRET."""
    place, bucket = os.environ["BARE_S3"], os.environ["BARE_BUCKET"]
    client = Minio(place, os.environ["BARE_ACCESS"], os.environ["BARE_SECRET"], secure=False, region="us-east-1")
    if verb == "put":
        size = Path(first).stat().st_size
        with Path(first).open("rb") as file:
            client.put_object(bucket, second, file, size, part_size=PART, num_parallel_uploads=PARALLEL)
    else:
        answer = client.get_object(bucket, first)
        with Path(second).open("wb") as file:
            file.writelines(answer.stream(1 << 20))
        answer.release_conn()


if __name__ == "__main__":
    main(*sys.argv[1:])
