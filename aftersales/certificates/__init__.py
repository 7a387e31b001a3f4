"""Certificates: numbered without gaps, frozen, signed, shown to whoever holds the paper, withdrawn for a reason."""
