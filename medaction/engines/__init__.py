"""Our environments in the evaluation and training tools that researchers have. Each engine brings its own model client,
logs and scheduling; cases, prompt, environment, parsing and scoring stay ours, so that a record is the same whichever
tool ran the model. The tools are heavy and optional (extra ``engines``); each is named only in its own module.

case_files     cases and graph, as every engine needs them
inspect_task   a task for Inspect: ``inspect eval medaction/active_diagnosis -T cases=FILE --model …``
verifiers_env  taskset, harness and environment for verifiers: ``vf-eval medaction-diagnosis --env.taskset.cases FILE``
"""
