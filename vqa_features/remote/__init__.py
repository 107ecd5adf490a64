"""Videos and tables at addresses with a scheme, such as ``s3://bucket/clip.mp4``, through fsspec."""
