"""The benchmarks' own arithmetic: a figure is only worth what its counting is worth."""
