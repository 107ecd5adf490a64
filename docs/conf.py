"""Configuration of the documentation site: `make docs` builds it into build/docs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from vqa_features import __version__

project = "vqa-features"
author = copyright = "the vqa-features developers"  # Sphinx reads this name
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "site_pages",
]
root_doc = "index"
smartquotes = False  # "--fps" is no dash

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # `make notebooks` runs them; their outputs are committed

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings state types with their shapes
napoleon_google_docstring = False
napoleon_use_rtype = False
copybutton_prompt_text = "$ "

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"vqa-features {release}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sourcelink = False
