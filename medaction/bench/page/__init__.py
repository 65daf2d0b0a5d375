"""The report as one HTML file: no script, nothing fetched, everything that came from a model or a case escaped.

markup   elements whose content is escaped unless it is markup itself
axes     scales, grid and labels of a chart; marks: intervals, lines with bands, points
charts   the five figures; tables, cases: the rest; render: the whole page
"""

from .render import render_page

__all__ = ["render_page"]
