"""The verbs. Keyword-only; one transaction each; what the world hears comes after commit.

storing   trees, scores and verdicts into their tables, by COPY
working   claiming, keeping, ending a piece of work         sweeping   what was left behind
starting  start_run                     growing   what a worker does of a run, fenced
    steering  pause_run, resume_run, cancel_run
    run_import, run_export  run directories of the command line; run_cases  their cases
    intake    upload_cases, confirm_import, take_cases          unpacking  archives that may be hostile
announcing  doorbells                                       errors     why a service refused
"""
