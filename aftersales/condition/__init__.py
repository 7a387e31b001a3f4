"""Technical condition of a machine on any date, composed of what the other rooms know."""
