"""Published feature tables, labels and splits."""
