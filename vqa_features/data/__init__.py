"""Files that travel with the package: demo clips and published model parameters."""
