"""Weights from files into networks: formats, key spellings, and random weights for controls."""
