"""From the sources of a submission to its runs and verdict, inside the sandbox."""
