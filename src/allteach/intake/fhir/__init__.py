"""FHIR R4 resources as rows: a small FHIRPath, views as data in the shape of SQL-on-FHIR, validation, reading of files.

`tree` and `parse` read a path, `evaluate` makes it a function, `views` reads a view and turns resources into rows,
`valid` holds resources against the standard, `read` makes a table of texts of a file, `shipped` knows our own views.
"""
