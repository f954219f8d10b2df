"""What others bring a file to an S3 server and back with, encrypted: `rclone copy` with a crypt remote, and `restic`."""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import Sample, process
from tests.bench.stage import Bucket, Stage
from tests.tools import rclone, restic
from vault.adapters.objects_s3 import S3Objects


@dataclass(frozen=True)
class Rclone:
    """A crypt remote over the bucket, with rclone's own defaults."""

    house: Stage
    bucket: Bucket
    password: str

    @classmethod
    def on(cls, house: Stage) -> Rclone:
        """Skips without rclone."""
        assert house.bucket is not None
        command = [rclone(), "obscure", secrets.token_hex(16)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return cls(house, house.bucket, done.stdout.strip())

    def put(self, file: Path) -> Sample:
        """The file as one new object."""
        sample = self.keep(file)
        self.remove()
        return sample

    def remove(self) -> None:
        """What was kept."""
        self.bucket.remove("rclone/")

    def keep(self, file: Path) -> Sample:
        """The same, and it stays."""
        return self._copy(str(file), "sealed:")

    def get(self, file: Path, out: Path) -> Sample:
        """A file that was kept, into a folder."""
        return self._copy(f"sealed:{file.name}", str(out))

    def _copy(self, source: str, target: str) -> Sample:
        command = [rclone(), "--config", os.devnull, "copy", source, target]
        return process(command, [*self.house.servers], **self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Its two remotes."""
        s3 = self.bucket.s3
        store = {
            "TYPE": "s3",
            "PROVIDER": "Other",
            "ENDPOINT": s3.endpoint,
            "REGION": s3.region,
            "ACCESS_KEY_ID": s3.access_key,
            "SECRET_ACCESS_KEY": s3.secret_key,
            "NO_CHECK_BUCKET": "true",
        }
        sealed = {"TYPE": "crypt", "REMOTE": f"store:{self.bucket.name}/rclone", "PASSWORD": self.password}
        return {
            **{f"RCLONE_CONFIG_STORE_{name}": value for name, value in store.items()},
            **{f"RCLONE_CONFIG_SEALED_{name}": value for name, value in sealed.items()},
        }


@dataclass(frozen=True)
class Restic:
    """A new repository on the bucket for each backup, with restic's own defaults."""

    house: Stage
    bucket: Bucket

    @classmethod
    def on(cls, house: Stage) -> Restic:
        """Skips without restic."""
        restic()
        assert house.bucket is not None
        return cls(house, house.bucket)

    def put(self, file: Path) -> Sample:
        """The file as one snapshot; making the repository is not counted."""
        sample = self.keep(file)
        self.remove()
        return sample

    def remove(self) -> None:
        """The repository. restic removes its locks, and `minio` cannot read the times of the markers that they leave."""
        s3 = self.bucket.s3
        S3Objects(
            self.bucket.name,
            endpoint=s3.endpoint,
            region=s3.region,
            access_key=s3.access_key,
            secret_key=s3.secret_key,
        ).remove_below("restic")

    def keep(self, file: Path) -> Sample:
        """The same, and it stays."""
        process([restic(), "init", "--quiet"], **self.environment)
        return process([restic(), "backup", "--quiet", str(file)], [*self.house.servers], **self.environment)

    def get(self, file: Path, out: Path) -> Sample:
        """A file that was kept, into a folder."""
        command = [restic(), "restore", "--quiet", f"latest:{file.parent}", "--target", str(out)]
        return process(command, [*self.house.servers], **self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Its repository."""
        s3 = self.bucket.s3
        return {
            "RESTIC_REPOSITORY": f"s3:{s3.endpoint}/{self.bucket.name}/restic",
            "RESTIC_PASSWORD": "a password of no consequence",
            "RESTIC_CACHE_DIR": str(self.house.folder / "restic-cache"),
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
            "AWS_DEFAULT_REGION": s3.region,
        }
