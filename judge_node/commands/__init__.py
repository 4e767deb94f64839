"""The commands of contestbox-judge, one file each; every file holds its click command as `command`."""
