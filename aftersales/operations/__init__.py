"""Keeping the installation itself: backup, restore and the doctor."""
