/*
 * contestbox-core: the starter and the init of one container.
 *
 * Theory of operation
 *
 *   supervisor (Python)     knows limits, time and verdicts; holds one end of two SOCK_SEQPACKET pairs
 *     fd 3 | starter        real root; joins the groups, builds the view, writes the id maps, then only waits
 *     fd 4 |   init         pid 1 of the container; starts one program after another, kills what they leave, reaps
 *          |     program    the guest: an unprivileged user without capabilities, behind filters
 *
 * Who may what. The starter is root of the machine, but stands inside the view after set-up and never reads what a
 * guest wrote. Init is root of a user namespace that owns its mount namespace and nothing else: pid, network, IPC and
 * UTS namespaces belong to the namespace above, so nobody in the container has any right over them. Guests hold
 * neither socket: everything above descriptor 2 is closed by execve.
 *
 * Who dies with whom. The starter ends when fd 3 says EOF (the supervisor closed it or was killed): it kills init and
 * reaps it. Init's death kills everything in its pid namespace before the starter's wait returns, so "starter gone"
 * means "all gone". Init also ends at EOF of fd 4, and by PDEATHSIG when the starter dies. The starter itself has no
 * PDEATHSIG: that would fire when the supervisor's *thread* ends.
 *
 * undertaker.c is this program again in another part, which has nothing to do with containers.
 *
 * Order of set-up: groups first (everything after is born in them; the cgroup namespace begins there) - mount namespace, view, pivot - clone of init
 * with its namespaces - /proc while still root of the machine (a user namespace may mount it only where the host's
 * /proc is wholly visible) - user namespace with a copy of the mounts, which thereby become locked - scratch, which
 * init may renew since it came after the lock - capabilities, no_new_privs, filter.
 *
 * Filters. Loading one costs 25 to 50 us, so both that hold a guest are loaded by init, once, and inherited. What init
 * itself still needs (mounts for the scratch, ids for the child, Landlock) they let pass where the sixth argument, which
 * none of these calls looks at, is a number of 64 bits that nobody knows but the supervisor and init: ASK. Guests can't
 * read it (init is not dumpable and another user), execve clears it from the registers, and without init's rights, which
 * the child has given up by then, it would open nothing.
 *
 * Folders shown late. A container may be built before it is known for what. The starter keeps a root whose mounts go on
 * to init's copy of it (a slave, since it belongs to a lesser user namespace, where they are locked like the first ones),
 * so the supervisor's clones of folders can be attached to empty ones of the view; then init opens its rules anew.
 *
 * Order in the child: descriptors while anything is allowed, limits before ids because they may, ids before Landlock
 * because they need rights, Landlock last because it forbids the rest. A step that fails is written to a page shared
 * with init only, so it can't be confused with any exit code of the program.
 *
 * Memory. Where starter and init are counted with the guests, a program smaller than they are could have the kernel kill
 * them instead when its files and pipes fill the limit. So every guest offers itself first: init offers itself before it
 * makes the child, which inherits that and takes init's offer back, through a descriptor from a second /proc that lies
 * below the visible one, which can't be written. To write of itself the child would have to look itself up: 25 us.
 *
 * Init shares its memory with the child until execve (vfork): the child is a function that never returns and touches
 * nothing but the shared page. Where the kernel puts the child into a fresh group (cgroup v2) it is a plain clone3.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "undertaker.h"

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

enum { STARTER_SOCKET = 3, INIT_SOCKET = 4, MESSAGE_MAX = 192 * 1024, STRINGS_MAX = 1024, RLIMITS_MAX = 16,
       RULES_MAX = 64 };
#define SCRATCH "/work"
#define TEMPORARY ".tmp"
enum { NO_LANDLOCK = 1, NO_NETWORK_NAMESPACE = 2, NO_IPC_NAMESPACE = 4, RENEWED_AT_ONCE_BYTES = 64 * 1024 };
enum operation { OP_JOIN = 1, OP_SETUP = 2, OP_RUN = 3, OP_KILL = 4, OP_RENEW = 5, OP_SCRATCH = 6,
                 OP_SHOW = 7, OP_LOOK = 8 };

/* Every number is little-endian on the machines we run on; judge_node/sandbox/linux/starter.py packs the same. */
struct setup {
    uint32_t operation, plan_bytes, init_filter_bytes, guest_filter_bytes, rules_bytes;
    uint32_t first_id, id_count, guest_id, scratch_files, scratch_exec;
    int32_t core;
    uint32_t left_out; /* layers that a test of the others does without */
    uint64_t scratch_bytes, secret;
};
struct join {
    uint32_t operation, own_view; /* own_view: from here on this group is the root that the container sees */
};
struct run {
    uint32_t operation, into_cgroup, rlimits, argc, envc, scratch_done; /* scratch_done: nobody will look into it */
};
struct limit {
    uint64_t resource, value;
};
struct reply {
    uint32_t kind;
    int32_t status, error;
    uint16_t step, renewed; /* renewed: the scratch is renewed behind this answer */
    uint64_t wall_ns, cpu_ns, scratch_bytes, switches; /* cpu_ns: without a counter, that of those who were reaped */
    uint32_t reaped, peak_kib; /* the most that one process had in memory, files that it mapped included */
    uint64_t counter_ns, group_peak, oom_kills, most_tasks; /* what the group's counters say, where we have them */
};

/* The group's files that say how much and how many, where the guests are counted together with init. */
enum counter { CPU_TIME, MEMORY_PEAK, OOM_KILLS, MOST_TASKS, COUNTERS };

static char message[MESSAGE_MAX] __attribute__((aligned(16)));
static char stored_setup[MESSAGE_MAX] __attribute__((aligned(16)));
static char child_stack[64 * 1024] __attribute__((aligned(16)));
static volatile struct { int32_t step, error; } *confession;
static struct setup box;
static struct sock_fprog init_filter, guest_filter;
static char *landlock_rules;
static int ruleset = -1, says = STARTER_SOCKET, own_score = -1, counters[COUNTERS] = {-1, -1, -1, -1};

static const int kept[] = {CAP_KILL, CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN};
enum { KEPT = sizeof kept / sizeof *kept };

/* A system call with init's word in the argument that it does not have. */
#define ASK(number, a, b, c, d, e) syscall(number, a, b, c, d, e, box.secret)

static ssize_t answer(int socket, const void *bytes, size_t count)
{
    return ASK(SYS_sendto, socket, bytes, count, MSG_NOSIGNAL, NULL); /* no address: nobody looks at its length */
}

/* Set-up cannot go on: one sentence to the supervisor, then the end of this process (and with it of the container). */
static _Noreturn void give_up(const char *what, const char *which)
{
    char text[512];
    int n = snprintf(text, sizeof text, "!%s %.200s: %s", what, which, strerror(errno));
    answer(says, text, (size_t)n);
    _exit(1);
}

#define MUST(call, which) do { if ((call) < 0) give_up(#call, which); } while (0)

/* One message and at most four descriptors; 0 at EOF. */
static ssize_t receive(int socket, int fds[4], int *count)
{
    char control[CMSG_SPACE(4 * sizeof(int))];
    struct iovec part = {message, sizeof message - 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                            .msg_controllen = sizeof control};
    ssize_t n;
    do
        n = ASK(SYS_recvmsg, socket, &header, MSG_CMSG_CLOEXEC, 0, 0);
    while (n < 0 && errno == EINTR);
    *count = 0;
    if (n < 0 || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return -1;
    message[n] = 0;
    struct cmsghdr *one = CMSG_FIRSTHDR(&header);
    if (one && one->cmsg_type == SCM_RIGHTS) {
        *count = (int)((one->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(one), (size_t)*count * sizeof(int));
    }
    return n;
}

static void write_all(int directory, const char *path, const char *text)
{
    int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
    MUST(fd, path);
    MUST(write(fd, text, strlen(text)), path);
    close(fd);
}

/* The next word of a list of words, each ended by NUL as the whole list is. */
static char *next_word(char **at, const char *end)
{
    char *word = *at;
    if (word >= end)
        errno = EINVAL, give_up("setup", "words");
    *at += strlen(word) + 1;
    return word;
}

/* ---- the view (starter) ------------------------------------------------------------------------------------- */

/* Programs may be executed also where the machine's own mount of their folder forbids it (/tmp often does). */
static void lock_mount(const char *path, uint64_t flags, unsigned how)
{
    struct mount_attr attributes = {.attr_set = flags, .attr_clr = MOUNT_ATTR_NOEXEC & ~flags};
    MUST(syscall(SYS_mount_setattr, AT_FDCWD, path, how, &attributes, sizeof attributes), path);
}

static void bind_mount(const char *source, const char *target, uint64_t flags)
{
    struct stat found;
    MUST(stat(source, &found), source);
    if (S_ISDIR(found.st_mode)) {
        if (mkdir(target, 0755) < 0 && errno != EEXIST)
            give_up("mkdir", target);
    } else {
        int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
        MUST(fd, target);
        close(fd);
    }
    MUST(mount(source, target, NULL, MS_BIND | MS_REC, NULL), source);
    lock_mount(target, flags, AT_RECURSIVE);
}

/* The plan is a list of (verb, first, second), each ended by NUL; paths inside are relative to the new root. */
static void build_view(const char *skeleton, char *plan, size_t bytes)
{
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
    MUST(mount("contestbox", skeleton, "tmpfs", MS_NOSUID | MS_NODEV, "size=256k,nr_inodes=512,mode=0755"), skeleton);
    MUST(chdir(skeleton), skeleton);
    for (char *at = plan, *end = plan + bytes; at < end;) {
        char *verb = next_word(&at, end), *first = next_word(&at, end), *second = next_word(&at, end);
        if (!strcmp(verb, "folder")) {
            if (mkdir(first, 0755) < 0 && errno != EEXIST)
                give_up("mkdir", first);
        } else if (!strcmp(verb, "link")) {
            MUST(symlink(first, second), second);
        } else if (!strcmp(verb, "file")) {
            close(open(first, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444));
            write_all(AT_FDCWD, first, second);
        } else if (!strcmp(verb, "bind")) {
            bind_mount(first, second, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        } else if (!strcmp(verb, "device")) {
            bind_mount(first, second, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
        } else {
            errno = EINVAL;
            give_up("plan", verb);
        }
    }
    lock_mount(".", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0);
    MUST(syscall(SYS_pivot_root, ".", "."), skeleton);
    MUST(umount2(".", MNT_DETACH), "the old root");
    MUST(mount(NULL, "/", NULL, MS_SHARED, NULL), "/");
    MUST(chdir("/"), "/");
}

/* ---- init: set-up ------------------------------------------------------------------------------------------- */

static struct rule {
    uint64_t access;
    int32_t fd; /* negative: the scratch, or the folder in it that guests see as /tmp; others each time */
} __attribute__((packed)) rules[RULES_MAX];
static int rule_count, landlock_abi;

/* Landlock: rules are (verb, path) pairs. Whatever is not the scratch is opened once, and again when folders were shown. */
static void read_rules(void)
{
    while (rule_count > 0)
        close(rules[--rule_count].fd);
    landlock_abi = box.left_out & NO_LANDLOCK ? 0 : (int)ASK(SYS_landlock_create_ruleset, NULL, 0, 1, 0, 0);
    uint64_t all = landlock_abi >= 5 ? 0xffff : landlock_abi >= 3 ? 0x7fff : landlock_abi == 2 ? 0x3fff : 0x1fff;
    for (char *at = landlock_rules, *end = at + box.rules_bytes; at < end && landlock_abi > 0;) {
        const char *verb = next_word(&at, end), *path = next_word(&at, end);
        int in_scratch = !strcmp(path, SCRATCH) ? -1 : !strcmp(path, SCRATCH "/" TEMPORARY) ? -2 : 0;
        struct rule rule = {0, in_scratch ? in_scratch : open(path, O_PATH | O_CLOEXEC)};
        struct stat found;
        if (rule.fd < 0 && !in_scratch)
            continue;
        for (const char *c = verb; *c; c++) /* execute; read file and folder; everything but execute; device */
            rule.access |= *c == 'x' ? 1 : *c == 'r' ? 0xc : *c == 'w' ? all & ~1ULL : *c == 'd' ? 0x8006 & all : 0;
        if (!in_scratch && !fstat(rule.fd, &found) && !S_ISDIR(found.st_mode))
            rule.access &= 0xc007;
        rule.access &= all;
        if (rule_count == RULES_MAX)
            errno = E2BIG, give_up("landlock", path);
        rules[rule_count++] = rule;
    }
}

static struct {
    int outer, inner; /* the scratch and the folder that guests see as /tmp */
    struct stat outer_was, inner_was;
    struct timespec first_use;
    int fine_times; /* a change right after a look has another ctime, however soon (6.13 and later) */
} scratch = {.outer = -1, .inner = -1};

/* Made anew with each scratch, since a rule holds an inode. */
static void make_ruleset(void)
{
    if (landlock_abi < 1)
        return;
    uint64_t all = landlock_abi >= 5 ? 0xffff : landlock_abi >= 3 ? 0x7fff : landlock_abi == 2 ? 0x3fff : 0x1fff;
    struct { uint64_t fs, net, scoped; } handled = {all, landlock_abi >= 4 ? 3 : 0, landlock_abi >= 6 ? 3 : 0};
    size_t size = landlock_abi >= 6 ? 24 : landlock_abi >= 4 ? 16 : 8;
    if (ruleset >= 0)
        close(ruleset);
    ruleset = (int)ASK(SYS_landlock_create_ruleset, &handled, size, 0, 0, 0);
    MUST(ruleset, "landlock");
    for (int i = 0; i < rule_count; i++) {
        struct rule rule = rules[i];
        rule.fd = rule.fd == -1 ? scratch.outer : rule.fd == -2 ? scratch.inner : rule.fd;
        if (rule.fd >= 0)
            MUST(ASK(SYS_landlock_add_rule, ruleset, 1, &rule, 0, 0), "landlock");
    }
}

/* Init is the container's root; where there is but one id, it is that of the guests, who have no rights after execve. */
static uint32_t own_id(void)
{
    return box.id_count > 1 ? 0 : box.guest_id;
}

/* Files that init makes belong to whom this names. */
static void make_files_as(uint32_t id)
{
    ASK(SYS_setfsgid, id, 0, 0, 0, 0);
    ASK(SYS_setfsuid, id, 0, 0, 0, 0);
}

static void mount_scratch(void)
{
    char options[160];
    snprintf(options, sizeof options, "size=%llu,nr_inodes=%u,mode=0700,uid=%u,gid=%u",
             (unsigned long long)box.scratch_bytes, box.scratch_files, box.guest_id, box.guest_id);
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOATIME | (box.scratch_exec ? 0 : MS_NOEXEC);
    MUST(ASK(SYS_mount, "scratch", SCRATCH, "tmpfs", flags, options), SCRATCH);
    scratch.outer = open(SCRATCH, O_PATH | O_CLOEXEC);
    MUST(scratch.outer, SCRATCH);
    make_files_as(box.guest_id);
    ASK(SYS_mkdirat, scratch.outer, TEMPORARY, 0700, 0, 0); /* where there is no room, the guest will see that */
    scratch.inner = openat(scratch.outer, TEMPORARY, O_PATH | O_CLOEXEC);
    make_files_as(own_id());
    fstat(scratch.outer, &scratch.outer_was);
    fstat(scratch.inner, &scratch.inner_was);
    scratch.first_use = (struct timespec){0, 0};
    make_ruleset();
}

static void learn_how_fine_times_are(void)
{
    struct stat before, after;
    scratch.fine_times = scratch.inner >= 0;
    make_files_as(box.guest_id);
    for (int i = 0; i < 8; i++) {
        fstat(scratch.inner, &before);
        fchmodat(scratch.outer, TEMPORARY, 0700, 0);
        fstat(scratch.inner, &after);
        scratch.fine_times &= before.st_ctim.tv_nsec != after.st_ctim.tv_nsec;
    }
    make_files_as(own_id());
    fstat(scratch.inner, &scratch.inner_was);
}

static int later(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec : one->tv_nsec > other->tv_nsec;
}

/* Whether the scratch is as it was mounted. Nobody can make or change anything in it without a new ctime of a folder, which
 * nobody can set; but on older kernels one of the same tick is the same, so there the first use must have come later. */
static int untouched(void)
{
    struct stat outer, inner;
    memset(&outer, 0, sizeof outer);
    memset(&inner, 0, sizeof inner);
    if (scratch.inner < 0 || fstat(scratch.outer, &outer) < 0 || fstat(scratch.inner, &inner) < 0)
        return 0;
    return !memcmp(&outer, &scratch.outer_was, sizeof outer) && !memcmp(&inner, &scratch.inner_was, sizeof inner) &&
           (scratch.fine_times || (later(&scratch.first_use, &outer.st_ctim) && later(&scratch.first_use, &inner.st_ctim)));
}

static void note_use(void)
{
    if (!scratch.first_use.tv_sec)
        clock_gettime(CLOCK_REALTIME_COARSE, &scratch.first_use);
}

static void replace_scratch(void)
{
    close(scratch.outer);
    close(scratch.inner);
    MUST(ASK(SYS_umount2, SCRATCH, MNT_DETACH, 0, 0, 0), SCRATCH);
    mount_scratch();
}

static void shed_rights(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}, {0}};
    for (int capability = 0; capability <= 63; capability++) /* none is ever gained again, by nobody in here */
        if (prctl(PR_CAPBSET_DROP, capability) < 0 && errno != EINVAL)
            give_up("PR_CAPBSET_DROP", "");
    MUST(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |
               SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED), "");
    for (int i = 0; i < KEPT; i++)
        data[0].effective |= 1u << kept[i];
    data[0].permitted = data[0].effective;
    MUST(syscall(SYS_capset, &header, data), "");
    MUST(prctl(PR_SET_DUMPABLE, 0), "");
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "");
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &init_filter), "the filter of all");
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &guest_filter), "the guests' filter");
}

static void serve(int sigchld);
static int watch_children(void);

/* Files in memory can't be executed in this pid namespace (6.3 and later): Landlock does not reach them. */
static void no_programs_in_memory(int proc)
{
    int fd = openat(proc, "sys/vm/memfd_noexec", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        MUST(write(fd, "2", 1), "memfd_noexec");
        close(fd);
    }
    close(proc);
}

static void mount_proc(unsigned long access)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | access;
    if (mount("proc", "/proc", "proc", flags, "hidepid=2,subset=pid") < 0)
        MUST(mount("proc", "/proc", "proc", flags, "hidepid=2"), "/proc");
}

static void pin(int core)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    MUST(sched_setaffinity(0, sizeof one, &one), "core");
}

/* A short time slice (6.12 and later), for us and not for guests: between two runs we work for moments only, and on a busy
 * core would wait for the end of others' slices each time. */
static void be_prompt(void)
{
    struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; }
        wanted = {48, SCHED_OTHER, 1 /* reset on fork */, getpriority(PRIO_PROCESS, 0), 0, 100000, 0, 0};
    syscall(SYS_sched_setattr, 0, &wanted, 0);
}

static _Noreturn void init(int proc, int ready, int go)
{
    char byte = 0;
    says = INIT_SOCKET;
    close(STARTER_SOCKET);
    no_programs_in_memory(proc);
    MUST(sethostname("contestbox", 10), "");
    MUST(setdomainname("", 0), "");
    mount_proc(0);
    own_score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    MUST(own_score, "oom_score_adj");
    mount_proc(MS_RDONLY);
    MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS), "user namespace");
    MUST(write(ready, "r", 1), "");
    if (read(go, &byte, 1) != 1)
        _exit(1);
    close(ready);
    close(go);
    MUST(setresgid(own_id(), own_id(), own_id()), "");
    MUST(setresuid(own_id(), own_id(), own_id()), "");
    if (box.id_count > 1) /* a judge without root may not; it says so */
        MUST(setgroups(0, NULL), "");
    MUST(personality(ADDR_NO_RANDOMIZE), "");
    setsid(); /* one session for all guests, each a group of its own: a session costs the scheduler more than an exec's limits */
    confession = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (confession == MAP_FAILED)
        give_up("mmap", "");
    read_rules();
    mount_scratch();
    learn_how_fine_times_are();
    int sigchld = watch_children();
    be_prompt();
    if (box.core >= 0) /* from here on: containers are built on any core while others are in use on theirs */
        pin(box.core);
    shed_rights();
    MUST(prctl(PR_SET_PDEATHSIG, SIGKILL), "");
    MUST(answer(INIT_SOCKET, "up", 2), "");
    serve(sigchld);
    _exit(0);
}

/* ---- init: one run ------------------------------------------------------------------------------------------ */

static const char *const steps[] = {"clone", "descriptors", "memory", "folder", "limits", "identity", "Landlock", "execve"};
enum step { S_CLONE, S_FDS, S_MEMORY, S_FOLDER, S_LIMITS, S_IDS, S_LANDLOCK, S_EXEC };

struct errand {
    const struct limit *limits;
    uint32_t limit_count;
    char *const *argv, *const *envp;
    int fds[4];
};

static _Noreturn void confess(enum step step)
{
    confession->error = errno;
    confession->step = step + 1;
    for (;;)
        syscall(SYS_exit_group, 125);
}

static void take_limits(const struct errand *errand)
{
    for (uint32_t i = 0; i < errand->limit_count; i++) {
        struct rlimit now, wanted = {errand->limits[i].value, errand->limits[i].value};
        enum __rlimit_resource which = (enum __rlimit_resource)errand->limits[i].resource;
        if (setrlimit(which, &wanted) == 0)
            continue;
        if (errno != EPERM || getrlimit(which, &now) < 0) /* raising needs a right that root in a container may lack */
            confess(S_LIMITS);
        now.rlim_cur = now.rlim_max;
        if (wanted.rlim_max < now.rlim_max || setrlimit(which, &now) < 0)
            confess(S_LIMITS);
    }
}

static int offer_init(const char *score)
{
    return write(own_score, score, strlen(score)) < 0 ? -1 : 0;
}

static int child(void *argument)
{
    const struct errand *errand = argument;
    sigset_t none;
    for (int i = 0; i < 3; i++)
        if (dup3(errand->fds[i], i, 0) < 0)
            confess(S_FDS);
    if (ASK(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC, 0, 0) < 0)
        confess(S_FDS);
    if (offer_init("0") < 0)
        confess(S_MEMORY);
    ASK(SYS_setpgid, 0, 0, 0, 0, 0);
    take_limits(errand);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (ASK(SYS_setresgid, box.guest_id, box.guest_id, box.guest_id, 0, 0) < 0 ||
        ASK(SYS_setresuid, box.guest_id, box.guest_id, box.guest_id, 0, 0) < 0)
        confess(S_IDS);
    if (ASK(SYS_chdir, SCRATCH, 0, 0, 0, 0) < 0 ||
        (ASK(SYS_mkdirat, AT_FDCWD, TEMPORARY, 0700, 0, 0) < 0 && errno != EEXIST && errno != ENOSPC))
        confess(S_FOLDER);
    if (ruleset >= 0 && ASK(SYS_landlock_restrict_self, ruleset, 0, 0, 0, 0) < 0)
        confess(S_LANDLOCK);
    execve(errand->argv[0], errand->argv, errand->envp);
    confess(S_EXEC);
}

static pid_t start(struct errand *errand, int into_cgroup)
{
    uint64_t how[11] = {CLONE_INTO_CGROUP, [4] = SIGCHLD, [10] = (uint64_t)errand->fds[3]};
    confession->step = 0;
    pid_t pid = offer_init("1000");
    if (pid == 0 && !into_cgroup) /* the C library leaves its sixth argument, which is for threads only, where the kernel's sixth is */
        pid = clone(child, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, errand, NULL,
                    (void *)box.secret, NULL);
    else if (pid == 0 && (pid = (pid_t)ASK(SYS_clone3, how, sizeof how, 0, 0, 0)) == 0)
        child(errand);
    if (pid < 0)
        offer_init("0");
    return pid;
}

static uint64_t nanoseconds(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t microseconds(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

/* The number behind these words in one of the group's files. */
static uint64_t counted(enum counter which, const char *words)
{
    char text[256];
    if (counters[which] < 0)
        return 0;
    ssize_t n = pread(counters[which], text, sizeof text - 1, 0);
    if (n <= 0)
        _exit(1);
    text[n] = 0;
    const char *at = strstr(text, words);
    return at ? strtoull(at + strlen(words), NULL, 10) : 0;
}

/* The guests' CPU time: the group's without ours. Both clocks are brought up to now by asking for our own. */
static uint64_t guests_cpu_ns(struct reply *reply)
{
    uint64_t own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    struct rusage reaped;
    if (counters[CPU_TIME] < 0) {
        getrusage(RUSAGE_CHILDREN, &reaped);
        return microseconds(&reaped.ru_utime) * 1000u + microseconds(&reaped.ru_stime) * 1000u;
    }
    reply->counter_ns = counted(CPU_TIME, "");
    return reply->counter_ns - own;
}

/* Reaps; notes the program's own end. False when nobody is left: every process in here has init for its last ancestor. */
static int reap(pid_t program, int how, struct reply *reply, uint64_t began, int *running)
{
    struct rusage usage;
    int status;
    pid_t pid;
    while ((pid = wait4(-1, &status, how, &usage)) > 0) {
        reply->reaped++;
        if ((uint64_t)usage.ru_maxrss > reply->peak_kib)
            reply->peak_kib = (uint32_t)usage.ru_maxrss;
        if (pid != program)
            continue;
        *running = 0;
        reply->status = status;
        reply->wall_ns = nanoseconds(CLOCK_MONOTONIC) - began;
        reply->switches = (uint64_t)usage.ru_nivcsw;
    }
    return pid == 0 || errno != ECHILD;
}

/* Waits for the program's end or the supervisor's word, then kills and reaps whatever is left in the container. */
static void see_it_through(pid_t program, int sigchld, struct reply *reply, uint64_t began)
{
    struct pollfd watch[2] = {{INIT_SOCKET, POLLIN, 0}, {sigchld, POLLIN, 0}};
    struct signalfd_siginfo ignored;
    int fds[4], count, running = 1, peopled = 1;
    while (running) {
        if (poll(watch, 2, -1) < 0 && errno != EINTR)
            _exit(1);
        if (watch[1].revents && read(sigchld, &ignored, sizeof ignored) < 0)
            _exit(1);
        peopled = reap(program, WNOHANG, reply, began, &running);
        if (!watch[0].revents)
            continue;
        if (receive(INIT_SOCKET, fds, &count) <= 0) /* EOF: the supervisor is gone, and so are we */
            _exit(1);
        for (int i = 0; i < count; i++)
            close(fds[i]);
        break; /* a word during a run can only be OP_KILL */
    }
    if (!peopled)
        return;
    kill(-1, SIGKILL);
    reap(program, 0, reply, began, &running);
}

/* Reads a RUN message; false where its numbers and its strings do not fit what came. */
static int read_run(ssize_t bytes, int count, char **strings, struct errand *errand, struct run *head)
{
    char *at = message + sizeof *head, *end = message + bytes;
    memcpy(head, message, sizeof *head);
    if (bytes < (ssize_t)sizeof *head || head->rlimits > RLIMITS_MAX || head->argc < 1 ||
        (uint64_t)head->argc + head->envc + 2 > STRINGS_MAX || count != 3 + (head->into_cgroup != 0))
        return 0;
    *errand = (struct errand){(struct limit *)at, head->rlimits, strings, strings + head->argc + 1, {0}};
    at += head->rlimits * sizeof(struct limit);
    for (uint32_t i = 0, total = head->argc + head->envc + 2; i < total; i++) {
        int gap = i == head->argc || i == total - 1;
        if (!gap && at >= end)
            return 0;
        strings[i] = gap ? NULL : at;
        at += gap ? 0 : strlen(at) + 1;
    }
    return 1;
}

static void run(ssize_t bytes, const int fds[4], int count, int sigchld)
{
    struct reply reply = {.kind = OP_RUN};
    struct statfs room;
    struct run head;
    struct errand errand;
    char *strings[STRINGS_MAX];
    if (!read_run(bytes, count, strings, &errand, &head))
        _exit(1);
    memcpy(errand.fds, fds, (size_t)count * sizeof(int));
    note_use();
    if (counters[MEMORY_PEAK] >= 0 && pwrite(counters[MEMORY_PEAK], "0", 1, 0) < 0)
        _exit(1);
    uint64_t cpu_before = guests_cpu_ns(&reply), began = nanoseconds(CLOCK_MONOTONIC);
    pid_t program = start(&errand, (int)head.into_cgroup);
    int failed = errno;
    for (int i = 0; i < count; i++)
        close(fds[i]);
    if (program > 0)
        see_it_through(program, sigchld, &reply, began);
    else
        confession->error = failed, confession->step = S_CLONE + 1;
    reply.step = (uint16_t)confession->step;
    reply.error = confession->step ? confession->error : 0;
    int64_t used = (int64_t)(guests_cpu_ns(&reply) - cpu_before);
    reply.cpu_ns = used > 0 ? (uint64_t)used : 0; /* the two clocks of one reading are some hundred ns apart */
    reply.group_peak = counted(MEMORY_PEAK, "");
    reply.oom_kills = counted(OOM_KILLS, "oom_kill ");
    reply.most_tasks = counted(MOST_TASKS, "");
    int as_new = untouched(); /* whatever is not provably so is replaced, not cleaned */
    if (!as_new && ASK(SYS_statfs, SCRATCH, &room, 0, 0, 0) == 0)
        reply.scratch_bytes = (room.f_blocks - room.f_bfree) * (uint64_t)room.f_bsize;
    reply.renewed = as_new || (head.scratch_done && reply.scratch_bytes <= RENEWED_AT_ONCE_BYTES);
    if (answer(INIT_SOCKET, &reply, sizeof reply) < 0)
        _exit(1);
    if (reply.renewed && !as_new)
        replace_scratch();
}

/* Hands the scratch to the supervisor, which puts and takes files below it. */
static void show_scratch(void)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {"scratch", 7};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                            .msg_controllen = sizeof control};
    struct cmsghdr *one = CMSG_FIRSTHDR(&header);
    note_use();
    one->cmsg_level = SOL_SOCKET;
    one->cmsg_type = SCM_RIGHTS;
    one->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(one), &scratch.outer, sizeof(int));
    if (ASK(SYS_sendmsg, INIT_SOCKET, &header, MSG_NOSIGNAL, 0, 0) < 0)
        _exit(1);
}

static int watch_children(void)
{
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    int fd = signalfd(-1, &chld, SFD_CLOEXEC);
    MUST(fd, "children");
    return fd;
}

static void serve(int sigchld)
{
    int fds[4], count;
    for (ssize_t n; (n = receive(INIT_SOCKET, fds, &count)) >= (ssize_t)sizeof(uint32_t);) {
        switch (*(uint32_t *)message) {
        case OP_RUN:
            run(n, fds, count, sigchld);
            break;
        case OP_RENEW:
            if (!untouched())
                replace_scratch();
            MUST(answer(INIT_SOCKET, "new", 3), "");
            break;
        case OP_SCRATCH:
            show_scratch();
            break;
        case OP_LOOK:
            read_rules();
            make_ruleset();
            MUST(answer(INIT_SOCKET, "seen", 4), "");
            break;
        default: /* OP_KILL that crossed the answer of the run it meant */
            break;
        }
    }
}

/* ---- the starter -------------------------------------------------------------------------------------------- */

static void load_setup(ssize_t bytes)
{
    memcpy(stored_setup, message, (size_t)bytes + 1);
    memcpy(&box, stored_setup, sizeof box);
    char *at = stored_setup + sizeof box;
    uint64_t words = (uint64_t)box.plan_bytes + box.rules_bytes, filters = (uint64_t)box.init_filter_bytes + box.guest_filter_bytes;
    if ((size_t)bytes < sizeof box || sizeof box + filters + words != (size_t)bytes)
        errno = EINVAL, give_up("setup", "lengths");
    if ((box.rules_bytes && stored_setup[bytes - 1]) || (box.plan_bytes && stored_setup[bytes - 1 - box.rules_bytes]))
        errno = EINVAL, give_up("setup", "words");
    init_filter = (struct sock_fprog){(unsigned short)(box.init_filter_bytes / 8), (struct sock_filter *)at};
    at += box.init_filter_bytes;
    guest_filter = (struct sock_fprog){(unsigned short)(box.guest_filter_bytes / 8), (struct sock_filter *)at};
    landlock_rules = at + box.guest_filter_bytes + box.plan_bytes;
}

static void write_maps(int proc, pid_t pid)
{
    char path[64], map[64];
    snprintf(map, sizeof map, "%u %u %u", own_id(), box.first_id, box.id_count);
    snprintf(path, sizeof path, "%d/uid_map", pid);
    write_all(proc, path, map);
    snprintf(path, sizeof path, "%d/gid_map", pid);
    write_all(proc, path, map);
}

/* OP_SHOW: detached clones of folders, and where each goes in the view. */
static void show_folders(ssize_t bytes, const int *fds, int count)
{
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                                    .attr_clr = MOUNT_ATTR_NOEXEC};
    char *at = message + sizeof(uint32_t), *end = message + bytes;
    for (int i = 0; i < count; i++) {
        const char *path = next_word(&at, end);
        MUST(syscall(SYS_mount_setattr, fds[i], "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes), path);
        MUST(syscall(SYS_move_mount, fds[i], "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
        close(fds[i]);
    }
    MUST(answer(STARTER_SOCKET, "shown", 5), "");
}

/* The container lives until the supervisor's end of the socket is closed or init has ended. */
static void wait_for_the_end(pid_t init)
{
    struct pollfd watch[2] = {{STARTER_SOCKET, POLLIN, 0}, {(int)syscall(SYS_pidfd_open, init, 0), POLLIN, 0}};
    int fds[4], count;
    for (;;) {
        if (poll(watch, 2, -1) < 0)
            continue;
        if (watch[1].revents)
            return;
        ssize_t n = receive(STARTER_SOCKET, fds, &count);
        if (n < (ssize_t)sizeof(uint32_t) || *(uint32_t *)message != OP_SHOW)
            return;
        show_folders(n, fds, count);
    }
}

static _Noreturn void start_box(const char *skeleton, ssize_t bytes)
{
    int ready[2], go[2];
    char byte;
    load_setup(bytes);
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    MUST(proc, "/proc");
    MUST(unshare(CLONE_NEWNS), "mount namespace");
    build_view(skeleton, landlock_rules - box.plan_bytes, box.plan_bytes);
    MUST(pipe2(ready, O_CLOEXEC), "");
    MUST(pipe2(go, O_CLOEXEC), "");
    unsigned long apart = CLONE_NEWPID | CLONE_NEWUTS;
    apart |= box.left_out & NO_NETWORK_NAMESPACE ? 0 : CLONE_NEWNET;
    apart |= box.left_out & NO_IPC_NAMESPACE ? 0 : CLONE_NEWIPC;
    pid_t pid = (pid_t)syscall(SYS_clone, apart | SIGCHLD, 0, 0, 0, 0);
    MUST(pid, "namespaces");
    if (pid == 0) {
        close(ready[0]);
        close(go[1]);
        init(proc, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    close(INIT_SOCKET);
    if (read(ready[0], &byte, 1) == 1) {
        write_maps(proc, pid);
        MUST(write(go[1], "g", 1), "");
    }
    close(proc);
    wait_for_the_end(pid);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    _exit(0);
}

int main(int argc, char **argv)
{
    int fds[4], count;
    sigset_t chld;
    if (argc == 2 && !strcmp(argv[1], "--describe")) { /* a test holds the supervisor's side against this */
        printf("%zu %zu %zu\n", sizeof(struct setup), sizeof(struct run), sizeof(struct reply));
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            puts(steps[i]);
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "bury") && syscall(SYS_close_range, INIT_SOCKET + 1, ~0U, 0) == 0)
        return bury(argc - 2, argv + 2);
    if (argc != 3 || strcmp(argv[1], "start"))
        return fputs("contestbox-core is started by contestbox-judge\n", stderr), 2;
    umask(022); /* for the folders of the view, and for the guests */
    for (int number = 1; number < 65; number++)
        signal(number, SIG_DFL);
    if (syscall(SYS_close_range, INIT_SOCKET + 1, ~0U, 0) < 0)
        return 1;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_SETMASK, &chld, NULL);
    for (ssize_t n; (n = receive(STARTER_SOCKET, fds, &count)) >= (ssize_t)sizeof(uint32_t);) {
        if (*(uint32_t *)message == OP_SETUP) {
            memcpy(counters, fds, (size_t)count * sizeof(int));
            start_box(argv[2], n);
        }
        for (int i = 0; i < count; i++) { /* OP_JOIN: the groups, by descriptors opened by the supervisor */
            MUST(write(fds[i], "0", 1), "cgroup.procs");
            close(fds[i]);
        }
        if (n >= (ssize_t)sizeof(struct join) && ((struct join *)message)->own_view)
            MUST(unshare(CLONE_NEWCGROUP), "cgroup namespace");
        MUST(answer(STARTER_SOCKET, "joined", 6), "");
    }
    return 0;
}
