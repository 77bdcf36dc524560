"""Outside of the records: the files of the marts, and DuckDB, which reads them."""
