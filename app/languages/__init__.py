"""Programming languages as data, and what can be told from file names."""
