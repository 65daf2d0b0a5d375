"""Case files in and out. Every reader gives the same rows: a case, or what is wrong with it, field by field.

readers      read_cases: one door for all formats, told apart by their content
rows         CaseRow and RowError
lines        bounded reading of lines: encodings, byte-order marks, gzip, lines too long to hold
own_jsonl    our own format, one case a line; also the writer
agentclinic  AgentClinic's nested examinations, flattened to a menu; osce_menu does the flattening
teaching     the teaching cases that come with the package, one YAML file each
"""
