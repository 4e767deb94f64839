"""The compilers and runtimes of this machine."""
