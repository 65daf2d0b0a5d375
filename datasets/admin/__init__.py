"""Administration of data: lists with search, filters and actions. What is kept for good can only be looked at.

runs · selections · dataset (datasets, versions, exports) · benchmarks · intake (imports) · cases (badges and licences,
beside what ``diagnosis`` shows of a case) · graph (sources and licences of the knowledge graph) · menu (the sidebar)
"""

from . import benchmarks, cases, dataset, intake, runs, selections

__all__ = ["benchmarks", "cases", "dataset", "intake", "runs", "selections"]
