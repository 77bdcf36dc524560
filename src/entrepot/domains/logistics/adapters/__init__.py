"""Rate cards as carriers and other programs write them, read into plain bands and lanes, and checked."""
