"""Commands of `entrepot`: one module each, holding a click command named `command`."""
