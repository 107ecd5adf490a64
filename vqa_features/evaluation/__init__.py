"""Metrics, splits, regressors, model search and significance."""
