"""`aftersales forecast …`: from files, and for the catalogues in the database."""

from api.cli import forecast_backtest, forecast_installed_base, forecast_run
from api.cli.forecast import group

group.add_command(forecast_backtest.command)
group.add_command(forecast_installed_base.command)
group.add_command(forecast_run.command)

__all__ = ["group"]
