"""How the documentation is built: `make docs`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.test")

from allteach import __version__

project = "allteach"
author = "The allteach contributors"
copyright = "The allteach contributors, Apache-2.0"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "**/_*.md"]
# Formulas are written as plain text: drawing them would load a script from another host.
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]
nitpicky = False

napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Assumes", "Source", "Not for", "References"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "furo"
html_title = "allteach"
html_static_path: list[str] = []
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005a9c", "color-brand-content": "#005a9c"},
}
