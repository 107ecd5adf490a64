"""Frozen deep networks: one system per file."""
