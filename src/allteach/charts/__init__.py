"""Charts: one `ChartSpec` and its renderers (SVG, PNG, PDF, slides, table, words). Pure: no Django, no clock, no network."""
