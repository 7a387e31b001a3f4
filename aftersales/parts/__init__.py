"""The parts catalogue: what a part is, what replaces it, what may stand in for it and where it is used."""
