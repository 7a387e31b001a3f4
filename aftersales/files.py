"""Files outside the database, named by the SHA-256 of their content, on the disk before the row that names them."""

import hashlib
import os
import tempfile
from pathlib import Path

from aftersales.errors import NotFound
from aftersales.translate import N_


class FileStore:
    """A directory of files by content hash."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return where a file of this hash lies."""
        return self.root / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Write a file durably and return its hash; the same content twice is one file."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return digest

    def get(self, digest: str) -> bytes:
        """Return a file's content.

        :raises NotFound: when it is not there.
        """
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(N_("This file is missing")) from error
