"""The sample fleet: a simulated maker, its customers and four years of machines, faults, maintenance and stock.

Everything in it is invented; a database that holds it is marked as sample and says so on every page.
"""
