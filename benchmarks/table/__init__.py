"""The public table: handcrafted and deep features on the same splits of published datasets."""
