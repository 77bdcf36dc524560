"""Files and marketplaces as they come: one adapter a provider, pure `parse_*` functions, no database."""
