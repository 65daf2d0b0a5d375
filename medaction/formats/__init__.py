"""Case files in and out. Every reader gives the same rows: a case, or what is wrong with it, field by field.

readers      read_cases: one door for all formats, told apart by their content
rows         CaseRow and RowError
lines        bounded reading of lines: encodings, byte-order marks, gzip, lines too long to hold; members does the same
             for one large JSON document
own_jsonl    our own format, one case a line; also the writer
agentclinic  AgentClinic's nested examinations, flattened to a menu; osce_menu does the flattening
medrbench    MedR-Bench's case reports; tables reads DiagnosisArena's columns and our own CSV; items cuts free-form
             results into a menu
phenopackets GA4GH phenopackets v2; hpo says which test finds a term of the ontology
teaching     the teaching cases that come with the package, one YAML file each
loinc2hpo    optional: what a laboratory result means as an HPO term
drafting     a plain case report to a draft, which a person confirms
linting      what a case is worth as an exercise, with a badge for each fault
"""
