#define _GNU_SOURCE
#include <alloca.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifndef PR_SET_SECUREBITS
#define PR_SET_SECUREBITS 28
#endif
static void breach(const char *what) { printf("BREACH %s\n", what); fflush(stdout); }
#define REFUSED(call) do { if ((long)(call) >= 0) breach(#call); } while (0)
static void attack(void);
int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "OWN"))
        return breach("own code was executed"), 0;
    attack();
    puts("held");
    return 0;
}
