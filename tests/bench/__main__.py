"""Everything that is measured: ``python -m tests.bench``."""

from tests.bench import boost, forecast, ingest, installed_base, lists, scale, stock

ingest.main()
lists.main()
forecast.main()
installed_base.main()
stock.main()
scale.main()
boost.main()
