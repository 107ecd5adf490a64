"""The gallery: what each group of features sees of a real clip and of a damaged version of it."""
