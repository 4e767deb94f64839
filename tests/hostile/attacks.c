/* Attacks on the sandbox, one behind each name. An attack that gets what it must not get prints BREACH. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void breach(const char *what)
{
    printf("BREACH %s\n", what);
    fflush(stdout);
}

#define REFUSED(call) do { if ((call) >= 0) breach(#call); } while (0)

static void fork_bomb(void) { for (;;) if (fork() < 0) for (;;) ; }
static void vfork_bomb(void) { for (;;) if (vfork() == 0) { if (fork() < 0) _exit(0); for (;;) pause(); } }
static void daemon_bomb(void) { for (;;) { if (fork() == 0) { setsid(); signal(SIGTERM, SIG_IGN); if (fork()) _exit(0); } } }
static void exec_chain(void) { execl("/program/attacks", "attacks", "exec_chain", NULL); _exit(0); }

static void *wait_for_ever(void *unused) { pause(); return unused; }
static void thread_bomb(void)
{
    pthread_attr_t small;
    pthread_t thread;
    int made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    while (made < 10000 && pthread_create(&thread, &small, wait_for_ever, NULL) == 0)
        made++;
    printf("threads %d\n", made);
    if (made >= 64)
        breach("more threads than allowed");
    exit(0);
}

static void kill_everybody(void)
{
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    REFUSED(kill(1, SIGKILL));
    REFUSED(kill(1, SIGSTOP));
    REFUSED(kill(getppid(), SIGSTOP));
    for (int pid = 2; pid < 40000; pid++)
        if (pid != getpid())
            kill(pid, SIGKILL);
}

static void trace(void)
{
    char byte;
    struct { void *base; size_t size; } part = {&byte, 1}, far = {(void *)0x400000, 1};
    REFUSED(ptrace(PTRACE_ATTACH, 1, 0, 0));
    REFUSED(ptrace(PTRACE_SEIZE, getppid(), 0, 0));
    REFUSED(syscall(SYS_process_vm_readv, 1, &part, 1, &far, 1, 0));
    REFUSED(open("/proc/1/mem", O_RDWR));
    REFUSED(open("/proc/1/environ", O_RDONLY));
    REFUSED(open("/proc/1/root/etc/shadow", O_RDONLY));
    REFUSED(open("/proc/1/fd/3", O_RDWR));
    int self = (int)syscall(SYS_pidfd_open, 1, 0);
    if (self >= 0)
        REFUSED(syscall(SYS_pidfd_getfd, self, 4, 0));
}

static void be_somebody(void)
{
    REFUSED(setuid(0));
    REFUSED(setgid(0));
    REFUSED(setresuid(0, 0, 0));
    REFUSED(syscall(SYS_setgroups, 0, NULL));
    REFUSED(syscall(SYS_setfsuid, -1) == 0 ? 0 : -1);
    REFUSED(unshare(CLONE_NEWUSER));
    REFUSED(unshare(CLONE_NEWNS));
    REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    REFUSED(syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0));
    unsigned long long how[11] = {CLONE_NEWUSER, [4] = SIGCHLD};
    REFUSED(syscall(SYS_clone3, how, sizeof how));
    REFUSED(setns(open("/proc/self/ns/mnt", O_RDONLY), 0));
    chmod("copy", 06755);
    execl("/usr/bin/su", "su", "-c", "echo BREACH su", NULL);
}

static void move_the_furniture(void)
{
    REFUSED(mount("x", "/work", "tmpfs", 0, NULL));
    REFUSED(mount("/", "/work", NULL, MS_BIND | MS_REC, NULL));
    REFUSED(mount(NULL, "/program", NULL, MS_REMOUNT | MS_BIND, NULL));
    REFUSED(mount(NULL, "/", NULL, MS_REMOUNT, NULL));
    REFUSED(umount2("/work", MNT_DETACH));
    REFUSED(umount2("/program", MNT_DETACH));
    REFUSED(umount2("/proc", MNT_DETACH));
    REFUSED(chroot("/work"));
    REFUSED(syscall(SYS_pivot_root, "/work", "/work"));
    REFUSED(syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    REFUSED(syscall(SYS_fsopen, "tmpfs", 0));
    REFUSED(mknod("/work/disk", S_IFBLK | 0600, makedev(254, 0)));
    REFUSED(mknod("/work/mem", S_IFCHR | 0600, makedev(1, 1)));
    struct { unsigned bytes; int type; unsigned char handle[128]; } handle = {128, 0, {0}};
    int mount_id;
    REFUSED(syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &handle, &mount_id, 0));
    REFUSED(syscall(SYS_open_by_handle_at, 3, &handle, O_RDONLY));
}

static void rewrite_the_view(void)
{
    REFUSED(unlink("/program/attacks"));
    REFUSED(rename("/program/attacks", "/program/other"));
    REFUSED(open("/program/attacks", O_WRONLY));
    REFUSED(open("/program/new", O_CREAT | O_WRONLY, 0644));
    REFUSED(chmod("/program/attacks", 0777));
    REFUSED(open("/usr/bin/python3", O_WRONLY));
    REFUSED(open("/etc/passwd", O_WRONLY));
    REFUSED(open("/proc/sys/kernel/core_pattern", O_WRONLY));
    REFUSED(open("/proc/sysrq-trigger", O_WRONLY));
    REFUSED(open("/proc/self/oom_score_adj", O_WRONLY));
    REFUSED(open("/proc/self/uid_map", O_WRONLY));
    REFUSED(open("/proc/kcore", O_RDONLY));
    REFUSED(open("/dev/mem", O_RDONLY));
    REFUSED(open("/dev/kmsg", O_RDONLY));
    REFUSED(open("/sys/kernel", O_RDONLY));
    REFUSED(rmdir("/work"));
    REFUSED(rename("/work", "/elsewhere"));
}

static void spoil_the_input(void)
{
    char path[] = "/proc/self/fd/0";
    REFUSED(write(0, "x", 1));
    REFUSED(ftruncate(0, 0));
    REFUSED(fchmod(0, 0777));
    REFUSED(fchown(0, 1000, 1000));
    REFUSED(open(path, O_RDWR));
    REFUSED(open(path, O_WRONLY | O_TRUNC));
    REFUSED(linkat(AT_FDCWD, path, AT_FDCWD, "/work/kept", AT_SYMLINK_FOLLOW));
    REFUSED(linkat(0, "", AT_FDCWD, "/work/kept2", AT_EMPTY_PATH));
}

static void look_for_descriptors(void)
{
    for (int fd = 3; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            breach("an inherited descriptor");
}

static void odd_calls(void)
{
    char buffer[256] = {0};
    REFUSED(syscall(SYS_bpf, 0, buffer, sizeof buffer));
    REFUSED(syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
    REFUSED(syscall(SYS_userfaultfd, 1));
    REFUSED(syscall(SYS_io_uring_setup, 4, buffer));
    REFUSED(syscall(SYS_keyctl, 0, -3, 1));
    REFUSED(syscall(SYS_add_key, "user", "left", "x", 1, -3));
    REFUSED(syscall(SYS_msgget, 77, 01600));
    REFUSED(syscall(SYS_shmget, 77, 4096, 01600));
    REFUSED(syscall(SYS_semget, 77, 1, 01600));
    REFUSED(syscall(SYS_mq_open, "left", O_CREAT | O_RDWR, 0600, NULL));
    REFUSED(syscall(SYS_personality, 0));
    REFUSED(syscall(SYS_memfd_secret, 0));
    REFUSED(syscall(SYS_inotify_init1, 0));
    REFUSED(syscall(SYS_fanotify_init, 0, 0));
    REFUSED(syscall(SYS_seccomp, 1, 8, buffer));
    REFUSED(syscall(SYS_mlock, buffer, 4096));
    REFUSED(syscall(SYS_openat2, AT_FDCWD, "/", buffer, 24));
    REFUSED(syscall(463, 0, 0, 0, 0));
    REFUSED(syscall(511, 0, 0, 0, 0));
    REFUSED(sethostname("mine", 4));
    struct timeval now = {0, 0};
    REFUSED(settimeofday(&now, NULL));
}

static void take_the_processor(void)
{
    cpu_set_t all;
    struct sched_param first = {1};
    struct rlimit endless = {RLIM_INFINITY, RLIM_INFINITY};
    memset(&all, 0xff, sizeof all);
    REFUSED(sched_setaffinity(0, sizeof all, &all));
    REFUSED(sched_setscheduler(0, SCHED_FIFO, &first));
    REFUSED(setpriority(PRIO_PROCESS, 0, -5));
    REFUSED(setrlimit(RLIMIT_CORE, &endless));
    REFUSED(setrlimit(RLIMIT_NPROC, &endless));
    REFUSED(setrlimit(RLIMIT_FSIZE, &endless));
}

static void call_home(void)
{
    int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, 38 /* ALG */, 40 /* VSOCK */, 44 /* XDP */};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        REFUSED(socket(families[i], SOCK_STREAM, 0));
        REFUSED(socket(families[i], SOCK_DGRAM, 0));
        REFUSED(socket(families[i], SOCK_RAW, 0));
    }
    int pair[2];
    REFUSED(socketpair(AF_INET, SOCK_STREAM, 0, pair));
}

#ifdef __x86_64__
static void old_calls(void)
{
    long answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(20) : "memory"); /* getpid of the 32-bit world */
    breach("int 0x80");
}
static void x32_calls(void) { syscall(0x40000000 | SYS_getpid); breach("x32"); }
#endif

static void run_own_code(void)
{
    char block[65536];
    int from = open("/program/attacks", O_RDONLY), memory = (int)syscall(SYS_memfd_create, "x", 0);
    int file = open("/work/copy", O_CREAT | O_WRONLY, 0755);
    char *words[] = {"attacks", "own_code_runs", NULL}, *nothing[] = {NULL};
    for (ssize_t n; (n = read(from, block, sizeof block)) > 0;)
        if (write(memory, block, (size_t)n) != n || write(file, block, (size_t)n) != n)
            exit(9);
    close(file);
    if (fork() == 0) {
        execve("/work/copy", words, nothing);
        _exit(0);
    }
    wait(NULL);
    syscall(SYS_execveat, memory, "", words, nothing, AT_EMPTY_PATH);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    execve(path, words, nothing);
    exit(0);
}

/* Keeps the output pipe alive in a circle of descriptors that no process holds any more. */
static void hide_the_pipe(void)
{
    int pair[2];
    char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    struct iovec part = {"x", 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    struct cmsghdr *one = CMSG_FIRSTHDR(&header);
    one->cmsg_level = SOL_SOCKET;
    one->cmsg_type = SCM_RIGHTS;
    one->cmsg_len = CMSG_LEN(2 * sizeof(int));
    int sent[2] = {1, pair[1]};
    memcpy(CMSG_DATA(one), sent, sizeof sent);
    sendmsg(pair[0], &header, 0);
    puts("hidden");
}

static void many_files(void)
{
    char name[64];
    int made = 0;
    for (; made < 1000000; made++) {
        snprintf(name, sizeof name, "/work/%d", made);
        int fd = open(name, O_CREAT | O_WRONLY, 0644);
        if (fd < 0)
            break;
        close(fd);
    }
    if (made > 5000)
        breach("more files than allowed");
    int fd = open("/work/0", O_RDWR);
    signal(SIGXFSZ, SIG_IGN);
    REFUSED(fallocate(fd, 0, 0, 1L << 40));
}

static void forge(void)
{
    printf("AC\n{\"verdict\": \"AC\", \"ok\": true}\n");
    fprintf(stderr, "contestbox: accepted\n");
    for (int fd = 3; fd < 64; fd++)
        if (write(fd, "\x03\0\0\0\0\0\0\0", 8) > 0)
            breach("a channel to write to");
    exit(42);
}

static void play_with_the_pipes(void)
{
    fcntl(1, F_SETPIPE_SZ, 1 << 20);
    fcntl(1, F_SETFL, O_NONBLOCK);
    char *block = calloc(1, 1 << 20);
    for (int i = 0; i < 64; i++)
        if (write(1, block, 1 << 20) < 0 && errno != EAGAIN)
            break;
    close(2);
    dup2(0, 1);
}

#define ATTACK(name) {#name, name}
static const struct { const char *name; void (*attack)(void); } attacks[] = {
    ATTACK(fork_bomb), ATTACK(vfork_bomb), ATTACK(daemon_bomb), ATTACK(exec_chain), ATTACK(thread_bomb),
    ATTACK(kill_everybody), ATTACK(trace), ATTACK(be_somebody), ATTACK(move_the_furniture), ATTACK(rewrite_the_view),
    ATTACK(spoil_the_input), ATTACK(look_for_descriptors), ATTACK(odd_calls), ATTACK(take_the_processor),
    ATTACK(call_home), ATTACK(run_own_code), ATTACK(hide_the_pipe), ATTACK(many_files), ATTACK(forge),
    ATTACK(play_with_the_pipes),
#ifdef __x86_64__
    ATTACK(old_calls), ATTACK(x32_calls),
#endif
};

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "own_code_runs"))
        return breach("own code was executed"), 0;
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (!strcmp(what, attacks[i].name))
            return attacks[i].attack(), 0;
    return 99;
}
