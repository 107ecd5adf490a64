"""The networks themselves, as torch modules with the official keys; imported only when one is used."""
