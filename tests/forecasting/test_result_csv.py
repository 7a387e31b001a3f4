import io
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from forecasting import result_csv
from forecasting.engine import Settings, forecast
from tests.forecasting import catalogues as kinds

ONE = forecast(kinds.monthly_panel(np.ones((1, 3))), Settings(back_test=False))


def test_the_lines_hold_the_forecast() -> None:
    result = forecast(kinds.monthly_panel(kinds.lots(20)), Settings(horizon=5, quantiles=(0.5, 0.975)))
    text = result_csv.monthly_heading(result.probabilities) + result_csv.monthly_lines(result)
    monthly = pd.read_csv(io.StringIO(text))
    assert monthly.columns.tolist() == ["part_id", "period", "mean", "q0.5", "q0.975"]
    assert monthly["part_id"].tolist() == np.repeat(result.part_ids, 5).tolist()
    assert monthly["period"].tolist() == result.periods.labels() * 20
    np.testing.assert_allclose(monthly["mean"].to_numpy().reshape(20, 5), result.mean, rtol=1e-9)
    np.testing.assert_allclose(monthly["q0.975"].to_numpy().reshape(20, 5), result.quantiles[:, :, 1], rtol=1e-9)
    text = result_csv.lead_time_heading(result.probabilities) + result_csv.lead_time_lines(result)
    lead = pd.read_csv(io.StringIO(text))
    assert lead.columns.tolist() == ["part_id", "mean", "q0.5", "q0.975"]
    np.testing.assert_allclose(lead[["q0.5", "q0.975"]].to_numpy(), result.lead_quantiles, rtol=1e-9)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6), min_size=1, unique=True
    ).filter(lambda names: not any(name != name.strip() for name in names))
)
def test_any_part_number_survives(names: list[str]) -> None:
    names = [*names, 'A,"1"\n2']
    one = np.zeros(len(names), dtype=np.int64)
    result = replace(
        ONE, part_ids=np.array(names), lead_mean=ONE.lead_mean[one], lead_quantiles=ONE.lead_quantiles[one]
    )
    text = result_csv.lead_time_heading(result.probabilities) + result_csv.lead_time_lines(result)
    read = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert read["part_id"].tolist() == names
