"""Charts: a frozen specification and a translator in, one drawing out, for pages (SVG) and papers (PDF, PNG)."""

from aftersales.charts.drawing import Drawing, draw
from aftersales.charts.specs import Bar, Bars, Curves, Fan, FanPoint, Line, Reading, Steps, Value

__all__ = ["Bar", "Bars", "Curves", "Drawing", "Fan", "FanPoint", "Line", "Reading", "Steps", "Value", "draw"]
