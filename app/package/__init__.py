"""Reads and checks problem packages. Nothing of a package is ever run here."""
