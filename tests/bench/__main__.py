"""Everything that is measured: ``python -m tests.bench``."""

from tests.bench import boost, forecast, ingest, lists, scale

ingest.main()
lists.main()
forecast.main()
scale.main()
boost.main()
