"""Outside of the room: the tables the package ships."""
