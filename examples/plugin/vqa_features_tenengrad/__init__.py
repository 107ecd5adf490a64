"""Tenengrad, an extractor in a package of its own."""
