"""Charts: a frozen specification and a translator in, one drawing out, for pages (SVG) and papers (PDF, PNG)."""

from aftersales.charts.drawing import Drawing, draw
from aftersales.charts.specs import Bar, Bars, Fan, FanPoint, Reading, Steps, Value

__all__ = ["Bar", "Bars", "Drawing", "Fan", "FanPoint", "Reading", "Steps", "Value", "draw"]
