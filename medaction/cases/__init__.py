"""Teaching cases: one YAML file per case, shaped like ``Case.to_dict()``.

Every case is synthetic and written for this project under Apache-2.0. A menu item whose ``key`` is in the test
catalogue inherits cost, turnaround and risk from there. File names and titles never name the diagnosis.
"""
