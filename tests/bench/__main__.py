"""Everything that is measured: ``python -m tests.bench``."""

from tests.bench import forecast, ingest, lists

ingest.main()
lists.main()
forecast.main()
