"""The main job on bundled clips, offline."""
