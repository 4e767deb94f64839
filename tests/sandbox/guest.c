/* What the contract tests run: one program, its behaviour named by the first argument. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sink;

static void *spin(void *unused)
{
    for (;;)
        sink++;
    return unused;
}

static void touch(volatile char *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 4096)
        memory[i] = 1;
}

static int recurse(int depth)
{
    volatile char frame[4096];
    frame[0] = (char)depth;
    return recurse(depth + 1) + frame[0];
}

static void flood(int fd, size_t bytes)
{
    static char block[65536];
    memset(block, 'x', sizeof block);
    while (bytes > 0) {
        size_t part = bytes < sizeof block ? bytes : sizeof block;
        ssize_t n = write(fd, block, part);
        if (n <= 0)
            exit(9);
        bytes -= (size_t)n;
    }
}

static void write_file(const char *path, size_t bytes)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0644);
    if (fd < 0)
        exit(7);
    flood(fd, bytes);
    close(fd);
}

static void spin_for(double seconds)
{
    struct timespec now;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while ((double)now.tv_sec + (double)now.tv_nsec / 1e9 < seconds);
}

static void *spin_a_little(void *unused) { spin_for(0.3); pause(); return unused; }

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    size_t amount = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!strcmp(what, "exit"))
        return (int)amount;
    if (!strcmp(what, "signal"))
        return raise((int)amount), 1;
    if (!strcmp(what, "spin"))
        spin(NULL);
    if (!strcmp(what, "spin_for"))
        return spin_for((double)amount / 1000.0), 0;
    if (!strcmp(what, "threads")) {
        pthread_t thread;
        for (int i = 0; i < 3; i++)
            pthread_create(&thread, NULL, spin, NULL);
        spin(NULL);
    }
    if (!strcmp(what, "crowd_then_sleep")) {
        pthread_t thread;
        for (size_t i = 1; i < amount; i++)
            pthread_create(&thread, NULL, spin_a_little, NULL);
        spin_a_little(NULL);
    }
    if (!strcmp(what, "sleep"))
        return sleep((unsigned)amount), 0;
    if (!strcmp(what, "stop"))
        return raise(SIGSTOP), 0;
    if (!strcmp(what, "malloc"))
        return touch(malloc(amount), amount), 0;
    if (!strcmp(what, "tables")) { /* reads one page in each 2 MiB: no memory but the tables that lead to it */
        volatile char *sparse = mmap(NULL, amount, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        for (size_t at = 0; at < amount; at += 2 << 20)
            sink += (unsigned long)sparse[at];
    }
    if (!strcmp(what, "shared"))
        return touch(mmap(NULL, amount, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), amount), 0;
    if (!strcmp(what, "recurse"))
        return recurse(0);
    if (!strcmp(what, "child_malloc")) {
        if (fork() == 0)
            return touch(malloc(amount), amount), 0;
        return wait(NULL), 0;
    }
    if (!strcmp(what, "out"))
        return flood(1, amount), 0;
    if (!strcmp(what, "err"))
        return flood(2, amount), 0;
    if (!strcmp(what, "out_and_spin"))
        flood(1, amount), spin(NULL);
    if (!strcmp(what, "file"))
        return write_file("big", amount), 0;
    if (!strcmp(what, "cat"))
        for (int c; (c = getchar()) != EOF;)
            putchar(c);
    if (!strcmp(what, "env"))
        for (char **one = environ; *one; one++)
            puts(*one);
    if (!strcmp(what, "args"))
        for (int i = 2; i < argc; i++)
            puts(argv[i]);
    if (!strcmp(what, "daemon")) {
        if (fork() == 0) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            if (fork() == 0)
                for (;;)
                    pause();
            _exit(0);
        }
        wait(NULL);
        puts("left");
    }
    if (!strcmp(what, "forks")) {
        size_t made = 0;
        for (; made < amount; made++) {
            pid_t pid = fork();
            if (pid < 0)
                break;
            if (pid == 0)
                pause();
        }
        printf("%zu\n", made);
    }
    while (!strcmp(what, "bomb"))
        fork();
    if (!strcmp(what, "leave")) {
        mkdir("d", 0755);
        write_file("d/inner", 10);
        if (symlink("/etc/passwd", "link") || symlink("../../../../etc", "d/up") || link("d/inner", "hard"))
            return 8;
        mkfifo("pipe", 0644); /* may be refused */
    }
    if (!strcmp(what, "calls"))
        for (int i = 2; i < argc; i++) {
            long answer = syscall(strtol(argv[i], NULL, 10), -1L, -1L, -1L, -1L, -1L, -1L);
            printf("%s:%d\n", argv[i], answer < 0 ? errno : 0);
        }
    if (!strcmp(what, "can_read"))
        return open(argv[2], O_RDONLY) < 0;
    if (!strcmp(what, "can_write"))
        return open(argv[2], O_WRONLY | O_CREAT, 0600) < 0;
    if (!strcmp(what, "list"))
        return execl("/bin/ls", "ls", "-A", "/work", NULL);
    return 0;
}
