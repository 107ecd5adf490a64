"""Demonstration on bundled clips: degrade, extract, compare, report. Needs no network."""
