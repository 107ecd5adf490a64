"""Array functions that several methods share: arrays in, arrays out, no files, no frames, no state.

Importing a module of this package imports numba: a module that declares an extractor imports it only
where a session is opened.
"""
