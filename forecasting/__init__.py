"""Demand forecasts and stock policy: numbers in, numbers out; knows no database, no web and no clock."""
