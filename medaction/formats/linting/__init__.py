"""What a case is worth as an exercise: does it give itself away, can it be solved, can it be judged?

    from medaction.formats.linting import lint_case
    issues = lint_case(case, open_graph())

issues    LintIssue, its codes, severities and badges
mentions  where a text names a disease, under any of its names
rules     one function a rule
lint      all rules over one case
"""

from .issues import BADGES, Code, LintIssue, Severity, is_sound
from .lint import lint_case

__all__ = ["BADGES", "Code", "LintIssue", "Severity", "is_sound", "lint_case"]
