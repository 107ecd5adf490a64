"""Clusters of Dask: a connection to one, or one of this machine, with equal versions on every worker."""
