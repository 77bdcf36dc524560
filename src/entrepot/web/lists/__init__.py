"""Every list as a file: which there are, what their columns are, and the page that names them."""
