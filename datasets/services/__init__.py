"""The verbs. Keyword-only; one transaction each; what the world hears comes after commit.

starting    start_run                            steering   pause_run, resume_run, cancel_run
growing     what a worker does of a run, fenced  storing    trees, scores and verdicts into their tables, by COPY
run_import, run_export   run directories of the command line           run_cases  their cases
intake      upload_cases, confirm_import, take_cases                   unpacking  archives that may be hostile
merging     merge_edge, cancel_update, resume_update     rescoring  what a worker does of an update, fenced
versions    create_dataset, create_version               building   what a worker does of a version, fenced
exports     create_export, write_export                  packing    a folder as one file, always the same bytes
working     claiming, keeping, ending a piece of work                  sweeping   what was left behind
announcing  doorbells                            errors     why a service refused
"""
