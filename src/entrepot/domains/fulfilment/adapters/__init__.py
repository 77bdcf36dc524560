"""Other machines: a replay as files, and Spark that works on them."""
