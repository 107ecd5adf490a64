"""Figures of videos, features and models as display objects, after scikit-learn's convention."""
