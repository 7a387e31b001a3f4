"""Everything that is measured: ``python -m tests.bench``."""

from tests.bench import ingest, lists

ingest.main()
lists.main()
