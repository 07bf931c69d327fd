"""Read files as people hand them over: text, tables, workbooks, vector files, rasters."""
