/*
 * The undertaker: waits outside all groups until the supervisor is gone, however it went, and removes a slot's groups as
 * they get empty: their members die with the starters, directories do not. Descriptor 3 is a socket whose other end the
 * supervisor holds; descriptor 4 is the slot's lock, which stays locked until the work is done.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "undertaker.h"

enum { SOCKET = 3 };

static int buried(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder)
        return errno == ENOENT;
    for (struct dirent *inner; (inner = readdir(folder));)
        if (inner->d_type == DT_DIR && strcmp(inner->d_name, ".") && strcmp(inner->d_name, ".."))
            buried(fd, inner->d_name);
    closedir(folder);
    return unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

int bury(int count, char **folders)
{
    char byte;
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (chdir("/") < 0)
        return 1;
    while (read(SOCKET, &byte, 1) != 0)
        ;
    for (int round = 0; round < 2500; round++) {
        int left = 0;
        for (int i = 0; i < count; i++)
            left += !buried(AT_FDCWD, folders[i]);
        if (!left)
            break;
        poll(NULL, 0, 2); /* version 1 has no event for a group that gets empty */
    }
    for (int i = 0; i < count; i++) { /* the folder of all slots, where ours was the last */
        char *end = strrchr(folders[i], '/');
        if (end && end != folders[i]) {
            *end = 0;
            rmdir(folders[i]);
        }
    }
    return 0;
}
