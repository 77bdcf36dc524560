"""Pages of imports: the list, the upload, the columns of a file, a run and its report."""
