"""Files: downloads and digests."""
