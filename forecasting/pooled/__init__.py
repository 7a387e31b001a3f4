"""The product's own method: what all parts of a catalogue teach about each of them."""
