"""The default output validator, a small static C program, and where its binary is."""
