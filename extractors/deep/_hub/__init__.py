"""Models of the transformers library: their folders, configurations, preprocessing and networks."""
