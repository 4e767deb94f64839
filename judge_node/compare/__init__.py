"""The default output validator: a small static C program, built by installers/core.sh."""
