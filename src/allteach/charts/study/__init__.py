"""Charts in one call, for notebooks and the command line: data in, a chart with its statistics and words out.

`over_time` has `chart` and `sites`, `between_sites` has `funnel`; each loads only the statistics that it needs.
"""
