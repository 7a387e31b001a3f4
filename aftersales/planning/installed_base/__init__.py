"""The installed base as the forecast takes it: machines, components and their lives, use, services due, fleet plan."""
