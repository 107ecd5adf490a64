"""Feature tables and MOS files: formats, column names, labels."""
