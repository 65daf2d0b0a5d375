"""The verbs. Keyword-only; one transaction each; what the world hears comes after commit.

storing   trees, scores and verdicts into their tables, by COPY
working   claiming, keeping, ending a piece of work         sweeping   what was left behind
intake    upload_cases, confirm_import, take_cases          unpacking  archives that may be hostile
announcing  doorbells                                       errors     why a service refused
"""
