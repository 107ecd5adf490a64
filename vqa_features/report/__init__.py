"""Both families on the same splits, as one self-contained page."""
