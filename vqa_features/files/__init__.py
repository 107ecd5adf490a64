"""Files: atomic writes, the cache folder, video names, digests and downloads."""
