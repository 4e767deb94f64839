/* Removes a slot's control groups when their judge is gone. */
#ifndef CONTESTBOX_UNDERTAKER_H
#define CONTESTBOX_UNDERTAKER_H

/* Waits for EOF of descriptor 3, removes the folders (as deep as they are), gives the exit code. */
int bury(int count, char **folders);

#endif
