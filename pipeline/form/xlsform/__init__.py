"""XLSForm: the spreadsheet in which many officers already keep their questions, read and written.

The standard is the table of xlsform.org: a sheet `survey` with a row a question, `choices` with a row a choice, and
`settings`. What it has no place for (the council's promise, how many lines a comment has) stands in columns and a
sheet of our own that other programs leave alone, so that a form written and read again is the same form.
"""
