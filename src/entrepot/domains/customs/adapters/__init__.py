"""Files of tariffs and nomenclatures, read into frames."""
