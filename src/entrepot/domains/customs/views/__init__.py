"""Pages of the border: tariffs, their imports, goods codes, the history of rules, screening."""
