"""One box that finds anything by what is written on it: serial, part number, order, certificate, fault, name."""
