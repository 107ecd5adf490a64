"""Classical and deep features of video quality: same frames, same splits, honest statistics."""

__version__ = "0.1.0"
