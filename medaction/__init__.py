"""MedAction: active, multi-turn clinical diagnosis. This docstring is the map of the library.

A case becomes an environment that answers orders; a model's turns in it become a trajectory; the trajectory is scored,
selected and exported. Each package reads only what stands below it:

    cli                       the ``medaction`` command
    bench | training | corpus benchmark protocols and statistics; fine-tuning; dataset versions from runs
    distill                   policies, trajectory trees, pruning
    formats                   reading and writing case files
    metrics                   scores over a trajectory
    knowledge | inference     the graph of diseases, findings and tests; talking to a served model
    domain                    Case, Environment, Turn, TrajectoryTree: pure, no I/O beyond its own data files

Nothing here imports Django, Celery, Redis or a database driver. Start with ``medaction.domain``.
"""

__version__ = "0.1.0"
