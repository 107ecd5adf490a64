"""Every extractor that comes with the package, one published method per file."""
