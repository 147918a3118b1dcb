"""Charts: one `ChartSpec` and its renderers (SVG, PNG, PDF, slides, table, words). No Django, no clock, no network."""
