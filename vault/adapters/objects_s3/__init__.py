"""Objects in an S3 bucket, by the `minio` client: any server that speaks S3, versioned or not."""

from vault.adapters.objects_s3.connection import Patience
from vault.adapters.objects_s3.objects import S3Objects

__all__ = ["Patience", "S3Objects"]
