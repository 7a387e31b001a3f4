"""Everything that is measured: ``python -m tests.bench``."""

from tests.bench import boost, forecast, ingest, installed_base, lists, scale

ingest.main()
lists.main()
forecast.main()
installed_base.main()
scale.main()
boost.main()
