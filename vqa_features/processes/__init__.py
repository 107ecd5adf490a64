"""Processes of our own: work that may crash, hang or grow is done in them."""
