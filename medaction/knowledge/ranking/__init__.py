"""Which diseases a patient's findings point to, over every annotated disease at once.

settings  the figures it rests on                 kin     diseases of one series or one gene
profiles  annotations pooled, and carried upwards  ratios  one finding's likelihood ratios
ranker    all findings together                    answers what the graph is asked
"""
