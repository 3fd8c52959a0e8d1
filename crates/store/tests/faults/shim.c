/* Faults below the process: a library for LD_PRELOAD that makes calls on files below one folder fail, kills the process in
 * the middle of them, or cuts the power: what no fsync made durable is taken back first.
 *
 * Settings and counts live in a control file (SEKISHO_FAULT_CONTROL) that both sides map or write; its layout is `struct
 * control` and, in Rust, tests/it/faults/shim.rs. Syncs do not wait for the disk: only the order of calls is under test. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a call is; the counters of the control file are in this order. A call counts in every class it belongs to. */
enum class { CHANGE, READ, DATA, SYNC, CLASSES };

enum kind {
    NONE, FAIL_EIO, FAIL_ENOSPC, SHORT_WRITE, PART_THEN_ENOSPC, KILL_BEFORE, KILL_AFTER, TORN_WRITE, POWER_CUT,
    /* Every call that needs room fails from here on. */
    FULL_DISK,
    /* The sync fails and what it should have made durable never becomes so by a later sync, as Linux has it. */
    LOST_SYNC,
};

struct control {
    volatile uint64_t counts[CLASSES];
    volatile uint64_t at;    /* the call of the class that is hit, from 1; 0 is none */
    volatile uint64_t class;
    volatile uint64_t kind;
    volatile uint64_t seed;
    volatile uint64_t fired;
    volatile uint64_t cut_now; /* the next changing call is a power cut */
    char call[16];
    char path[400];
};

static struct control *control;
static char root[PATH_MAX], stash[PATH_MAX];
static size_t root_length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t random_state;

#define REAL(name) ((__typeof__(&name))real_(#name))
static void *real_(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

static uint64_t random_below(uint64_t limit)
{
    random_state += 0x9E3779B97F4A7C15u;
    uint64_t x = random_state;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    return limit ? x % limit : 0;
}

__attribute__((constructor)) static void set_up(void)
{
    const char *file = getenv("SEKISHO_FAULT_CONTROL"), *below = getenv("SEKISHO_FAULT_ROOT");
    const char *aside = getenv("SEKISHO_FAULT_STASH");
    if (!file || !below || !aside)
        return;
    int fd = REAL(open)(file, O_RDWR);
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        return;
    root_length = (size_t)snprintf(root, sizeof root, "%s/", below);
    snprintf(stash, sizeof stash, "%s", aside);
    control = mapped;
    random_state = control->seed;
}

static int is_below(const char *path)
{
    return control && strncmp(path, root, root_length) == 0;
}

/* Writes the absolute path of `path` as seen from `dir` and returns whether it is below the root. */
static int resolve(int dir, const char *path, char *out)
{
    if (!control)
        return 0;
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return is_below(out);
    }
    char link[64], base[PATH_MAX];
    if (dir == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0)
        return 0;
    base[length] = 0;
    if (strlen(base) + strlen(path) + 2 > PATH_MAX)
        return 0;
    strcpy(out, base);
    strcat(out, "/");
    strcat(out, path);
    return is_below(out);
}

static int path_of(int fd, char *out)
{
    if (!control)
        return 0;
    out[0] = 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    if (length < 0)
        return 0;
    out[length] = 0;
    return is_below(out);
}

static void parent_of(const char *path, char *out)
{
    snprintf(out, PATH_MAX, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = 0;
}

/* What the disk does not hold yet, in the order in which it was done. */
struct pending {
    enum { WRITTEN, CUT, CREATED, MADE_FOLDER, RENAMED, REMOVED } what;
    int is_gone; /* made durable, or of no consequence */
    int is_lost; /* its sync failed: no later one makes it durable */
    int is_over; /* made durable, over something lost */
    dev_t dev;
    ino_t ino;
    off_t offset, size_before;
    size_t old_length, new_length;
    char *old_bytes, *new_bytes, *path, *other;
    char *aside; /* where the file that was replaced or removed is kept */
};
static struct pending *pendings;
static size_t pending_count, pending_room, stashed;

static struct pending *add(int what, const char *path)
{
    if (pending_count == pending_room) {
        pending_room = pending_room ? pending_room * 2 : 256;
        pendings = realloc(pendings, pending_room * sizeof *pendings);
        if (!pendings)
            abort();
    }
    struct pending *added = &pendings[pending_count++];
    memset(added, 0, sizeof *added);
    added->what = what;
    added->path = strdup(path);
    return added;
}

static int ends_with(const char *path, const char *tail)
{
    size_t length = strlen(path), part = strlen(tail);
    return length >= part && strcmp(path + length - part, tail) == 0;
}

/* Reads what a change of [offset, offset + length) will destroy. */
static void save_old(struct pending *entry, const char *path, off_t offset, size_t length)
{
    /* A descriptor of its own would drop the process's locks on the file when closed, so it is never closed for the
     * catalogue; there are few of those. */
    static int kept[16];
    static ino_t kept_ino[16];
    static size_t kept_count;
    struct stat status;
    if (stat(path, &status) != 0)
        return;
    entry->dev = status.st_dev;
    entry->ino = status.st_ino;
    entry->size_before = status.st_size;
    if (offset >= status.st_size || length == 0)
        return;
    int fd = -1, is_catalogue = strstr(path, ".sqlite") != NULL;
    for (size_t at = 0; is_catalogue && at < kept_count; at++)
        if (kept_ino[at] == status.st_ino)
            fd = kept[at];
    if (fd < 0) {
        fd = REAL(open)(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return;
        if (is_catalogue && kept_count < sizeof kept / sizeof *kept) {
            kept[kept_count] = fd;
            kept_ino[kept_count++] = status.st_ino;
        }
    }
    if ((off_t)length > status.st_size - offset)
        length = (size_t)(status.st_size - offset);
    entry->old_bytes = malloc(length);
    ssize_t got = REAL(pread)(fd, entry->old_bytes, length, offset);
    entry->old_length = got > 0 ? (size_t)got : 0;
    if (!is_catalogue)
        REAL(close)(fd);
}

static void note_write(const char *path, off_t offset, const char *bytes, size_t length)
{
    if (ends_with(path, "-shm") || ends_with(path, " (deleted)"))
        return;
    struct pending *entry = add(WRITTEN, path);
    save_old(entry, path, offset, length);
    entry->offset = offset;
    entry->new_length = length;
    entry->new_bytes = malloc(length ? length : 1);
    memcpy(entry->new_bytes, bytes, length);
}

static void note_cut(const char *path, off_t size)
{
    if (ends_with(path, "-shm") || ends_with(path, " (deleted)"))
        return;
    struct pending *entry = add(CUT, path);
    save_old(entry, path, size, (size_t)1 << 26);
    entry->offset = size;
}

static char *put_aside(const char *path)
{
    char name[PATH_MAX + 32];
    snprintf(name, sizeof name, "%s/%d-%zu", stash, getpid(), stashed++);
    return REAL(link)(path, name) == 0 ? strdup(name) : NULL;
}

/* The files that `path` named are now found at `now`. */
static void moved(const char *path, const char *now)
{
    size_t length = strlen(path);
    for (size_t at = 0; at < pending_count; at++) {
        struct pending *entry = &pendings[at];
        if (entry->what > CUT || strncmp(entry->path, path, length) != 0)
            continue;
        if (entry->path[length] != 0 && entry->path[length] != '/')
            continue;
        char renamed[2 * PATH_MAX];
        snprintf(renamed, sizeof renamed, "%s%s", now, entry->path + length);
        free(entry->path);
        entry->path = strdup(renamed);
    }
}

static void forget(struct pending *entry)
{
    for (struct pending *other = pendings; entry->what <= CUT && other < entry; other++)
        if (other->is_lost && other->what <= CUT && other->dev == entry->dev && other->ino == entry->ino) {
            entry->is_over = 1;
            return;
        }
    entry->is_gone = 1;
    free(entry->old_bytes);
    free(entry->new_bytes);
    entry->old_bytes = entry->new_bytes = NULL;
    if (entry->aside)
        REAL(unlink)(entry->aside);
}

static void synced(int fd, const char *path, int is_failed)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return;
    char parent[PATH_MAX];
    for (size_t at = 0; at < pending_count; at++) {
        struct pending *entry = &pendings[at];
        if (entry->is_gone || entry->is_lost || entry->is_over)
            continue;
        int is_meant;
        if (entry->what <= CUT) {
            is_meant = entry->dev == status.st_dev && entry->ino == status.st_ino;
        } else {
            parent_of(entry->what == RENAMED ? entry->other : entry->path, parent);
            is_meant = S_ISDIR(status.st_mode) && strcmp(parent, path) == 0;
        }
        /* Names stay in the journal, which a later sync writes. */
        if (is_meant && is_failed)
            entry->is_lost = entry->what <= CUT;
        else if (is_meant)
            forget(entry);
    }
    size_t left = 0;
    for (size_t at = 0; at < pending_count; at++)
        if (!pendings[at].is_gone)
            pendings[left++] = pendings[at];
    pending_count = left;
}

static void write_at(const char *path, off_t offset, const char *bytes, size_t length)
{
    int fd = REAL(open)(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    while (length > 0) {
        ssize_t done = REAL(pwrite)(fd, bytes, length, offset);
        if (done <= 0)
            break;
        bytes += done;
        length -= (size_t)done;
        offset += done;
    }
    REAL(close)(fd);
}

static int remove_one(const char *path, const struct stat *status, int what, struct FTW *where)
{
    (void)status, (void)where;
    REAL(unlinkat)(AT_FDCWD, path, what == FTW_DP ? AT_REMOVEDIR : 0);
    return 0;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Takes back what is not durable and dies. Half of the times all of it is lost; else any of the writes may have reached
 * the disk, whole or in part, and names up to some point in time. */
static void cut_power(void)
{
    int is_all = random_below(2) == 0;
    for (size_t at = pending_count; at-- > 0;) {
        struct pending *entry = &pendings[at];
        if (entry->is_gone || entry->what > CUT)
            continue;
        if (entry->old_length > 0)
            write_at(entry->path, entry->offset, entry->old_bytes, entry->old_length);
        if (truncate(entry->path, entry->size_before) != 0)
            continue;
    }
    for (size_t at = 0; at < pending_count; at++) {
        struct pending *entry = &pendings[at];
        if (entry->is_gone || entry->is_lost || entry->what > CUT)
            continue;
        if (!entry->is_over && (is_all || random_below(2) == 0))
            continue;
        if (entry->what == CUT) {
            if (truncate(entry->path, entry->offset) != 0)
                continue;
        } else {
            size_t length = entry->new_length;
            if (!entry->is_over && random_below(4) == 0)
                length = random_below(length + 1);
            write_at(entry->path, entry->offset, entry->new_bytes, length);
        }
    }
    size_t first = is_all ? 0 : random_below(pending_count + 1);
    for (size_t at = pending_count; at-- > first;) {
        struct pending *entry = &pendings[at];
        if (entry->is_gone)
            continue;
        switch (entry->what) {
        case CREATED:
            REAL(unlink)(entry->path);
            break;
        case MADE_FOLDER:
            nftw(entry->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
            break;
        case RENAMED:
            REAL(rename)(entry->other, entry->path);
            if (entry->aside)
                REAL(rename)(entry->aside, entry->other);
            break;
        case REMOVED:
            if (entry->aside)
                REAL(rename)(entry->aside, entry->path);
            break;
        default:
            break;
        }
    }
    die();
}

/* What is to be done at a call. */
enum action { PASS, FAIL, HALF, HALF_THEN_FAIL, DIE_BEFORE, DIE_AFTER, TEAR, CUT_BEFORE, CUT_AFTER, FAIL_SYNC };

/* Counts a call that belongs to `classes` (bits) and decides. Sets errno for FAIL. */
static enum action decide(const char *call, const char *path, unsigned classes, int needs_room)
{
    if (control->cut_now && (classes & (1u << CHANGE)))
        return CUT_BEFORE;
    for (int class = 0; class < CLASSES; class++)
        if (classes & (1u << class))
            control->counts[class]++;
    if (control->at == 0 || control->kind == NONE || !(classes & (1u << control->class)))
        return PASS;
    uint64_t now = control->counts[control->class];
    if (control->kind == FULL_DISK ? now < control->at || !needs_room : now != control->at)
        return PASS;
    if (!control->fired) {
        snprintf(control->call, sizeof control->call, "%s", call);
        snprintf(control->path, sizeof control->path, "%s", path + root_length);
    }
    control->fired++;
    switch (control->kind) {
    case FAIL_EIO:
        errno = EIO;
        return FAIL;
    case FAIL_ENOSPC:
    case FULL_DISK:
        errno = ENOSPC;
        return FAIL;
    case SHORT_WRITE:
        return HALF;
    case PART_THEN_ENOSPC:
        return HALF_THEN_FAIL;
    case KILL_BEFORE:
        return DIE_BEFORE;
    case KILL_AFTER:
        return DIE_AFTER;
    case TORN_WRITE:
        return TEAR;
    case POWER_CUT:
        return random_below(2) ? CUT_BEFORE : CUT_AFTER;
    case LOST_SYNC:
        return FAIL_SYNC;
    default:
        return PASS;
    }
}

/* Does what comes before the call; returns whether the call fails. */
static int before(enum action action)
{
    if (action == DIE_BEFORE)
        die();
    if (action == CUT_BEFORE)
        cut_power();
    return action == FAIL;
}

static void after(enum action action)
{
    if (action == DIE_AFTER || action == TEAR)
        die();
    if (action == CUT_AFTER)
        cut_power();
}

#define IS(class) (1u << (class))
#define ENTER pthread_mutex_lock(&lock)
#define LEAVE(result) \
    do { \
        int error_ = errno; \
        pthread_mutex_unlock(&lock); \
        errno = error_; \
        return (result); \
    } while (0)

/* One write of any kind: decides how much of it is done. `offset` is -1 at the file's own position. */
static ssize_t write_some(const char *call, int fd, const char *path, const char *bytes, size_t length, off_t offset)
{
    ENTER;
    enum action action = decide(call, path, IS(CHANGE) | IS(DATA), 1);
    if (before(action))
        LEAVE(-1);
    size_t wanted = length;
    if (action == HALF || action == HALF_THEN_FAIL)
        wanted = length > 1 ? length / 2 : length;
    if (action == TEAR)
        wanted = random_below(length + 1);
    off_t at = offset;
    if (at < 0) {
        struct stat status;
        int flags = fcntl(fd, F_GETFL);
        at = (flags & O_APPEND) && fstat(fd, &status) == 0 ? status.st_size : lseek(fd, 0, SEEK_CUR);
    }
    note_write(path, at, bytes, wanted);
    ssize_t done = offset < 0 ? REAL(write)(fd, bytes, wanted) : REAL(pwrite)(fd, bytes, wanted, offset);
    int error = errno;
    after(action);
    errno = error;
    if (action == HALF_THEN_FAIL) {
        errno = ENOSPC;
        LEAVE(-1);
    }
    LEAVE(done);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(write)(fd, bytes, length);
    return write_some("write", fd, path, bytes, length, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(pwrite)(fd, bytes, length, offset);
    return write_some("pwrite", fd, path, bytes, length, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(writev)(fd, parts, count);
    /* A short answer is allowed: the first part that holds anything is enough. */
    for (int at = 0; at < count; at++)
        if (parts[at].iov_len > 0)
            return write_some("writev", fd, path, parts[at].iov_base, parts[at].iov_len, -1);
    return 0;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(pwritev)(fd, parts, count, offset);
    for (int at = 0; at < count; at++)
        if (parts[at].iov_len > 0)
            return write_some("pwritev", fd, path, parts[at].iov_base, parts[at].iov_len, offset);
    return 0;
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return pwritev(fd, parts, count, offset); }

#define READ_CALL(call, path, normal) \
    do { \
        ENTER; \
        enum action action = decide(call, path, IS(READ), 0); \
        if (action == FAIL) \
            LEAVE(-1); \
        LEAVE(normal); \
    } while (0)

ssize_t read(int fd, void *bytes, size_t length)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(read)(fd, bytes, length);
    READ_CALL("read", path, REAL(read)(fd, bytes, length));
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(pread)(fd, bytes, length, offset);
    READ_CALL("pread", path, REAL(pread)(fd, bytes, length, offset));
}
ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) { return pread(fd, bytes, length, offset); }

static int open_any(int dir, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    if (!resolve(dir, name, path))
        return REAL(openat)(dir, name, flags, mode);
    int is_reading = (flags & O_ACCMODE) == O_RDONLY && !(flags & (O_CREAT | O_TRUNC));
    if (is_reading)
        READ_CALL("open", path, REAL(openat)(dir, name, flags, mode));
    ENTER;
    struct stat status;
    int is_there = stat(path, &status) == 0;
    enum action action = decide("open", path, IS(CHANGE), !is_there);
    if (before(action))
        LEAVE(-1);
    if (is_there && (flags & O_TRUNC) && status.st_size > 0 && !(flags & O_EXCL))
        note_cut(path, 0);
    int fd = REAL(openat)(dir, name, flags, mode);
    int error = errno;
    if (fd >= 0 && !is_there)
        add(CREATED, path);
    after(action);
    errno = error;
    LEAVE(fd);
}

#define MODE(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) { MODE(flags, mode) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE(flags, mode) return open_any(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE(flags, mode) return open_any(dir, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static int sync_any(const char *call, int fd)
{
    char path[PATH_MAX];
    if (!control)
        return REAL(fsync)(fd);
    if (!path_of(fd, path)) {
        /* The root itself: names in it are under test. */
        ENTER;
        if (strncmp(path, root, root_length - 1) == 0)
            synced(fd, path, 0);
        LEAVE(REAL(fsync)(fd));
    }
    ENTER;
    enum action action = decide(call, path, IS(CHANGE) | IS(SYNC), 0);
    if (before(action))
        LEAVE(-1);
    if (action == FAIL_SYNC) {
        synced(fd, path, 1);
        errno = EIO;
        LEAVE(-1);
    }
    synced(fd, path, 0);
    after(action);
    LEAVE(0);
}
int fsync(int fd) { return sync_any("fsync", fd); }
int fdatasync(int fd) { return sync_any("fdatasync", fd); }
int sync_file_range(int fd, off64_t offset, off64_t length, unsigned int flags)
{
    /* Promises nothing, so makes nothing durable. */
    (void)fd, (void)offset, (void)length, (void)flags;
    return 0;
}

int ftruncate(int fd, off_t size)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(ftruncate)(fd, size);
    ENTER;
    struct stat status;
    int grows = fstat(fd, &status) == 0 && status.st_size < size;
    enum action action = decide("ftruncate", path, IS(CHANGE), grows);
    if (before(action))
        LEAVE(-1);
    note_cut(path, size);
    int result = REAL(ftruncate)(fd, size);
    after(action);
    LEAVE(result);
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return REAL(fallocate)(fd, mode, offset, length);
    ENTER;
    enum action action = decide("fallocate", path, IS(CHANGE), 1);
    if (before(action))
        LEAVE(-1);
    note_cut(path, offset + length);
    int result = REAL(fallocate)(fd, mode, offset, length);
    after(action);
    LEAVE(result);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { return fallocate(fd, 0, offset, length) == 0 ? 0 : errno; }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
    char old[PATH_MAX], new[PATH_MAX];
    int is_ours = resolve(from_dir, from, old);
    is_ours |= resolve(to_dir, to, new);
    if (!is_ours)
        return REAL(renameat2)(from_dir, from, to_dir, to, flags);
    ENTER;
    enum action action = decide("rename", new, IS(CHANGE), 1);
    if (before(action))
        LEAVE(-1);
    struct stat status;
    int is_over = lstat(new, &status) == 0;
    char *aside = is_over && S_ISREG(status.st_mode) ? put_aside(new) : NULL;
    int result = REAL(renameat2)(from_dir, from, to_dir, to, flags);
    int error = errno;
    if (result == 0) {
        if (aside)
            moved(new, aside);
        moved(old, new);
        struct pending *entry = add(RENAMED, old);
        entry->other = strdup(new);
        entry->aside = aside;
    } else if (aside) {
        REAL(unlink)(aside);
    }
    after(action);
    errno = error;
    LEAVE(result);
}
int renameat(int from_dir, const char *from, int to_dir, const char *to) { return renameat2(from_dir, from, to_dir, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int dir, const char *name, int flags)
{
    char path[PATH_MAX];
    if (!resolve(dir, name, path))
        return REAL(unlinkat)(dir, name, flags);
    ENTER;
    enum action action = decide("unlink", path, IS(CHANGE), 0);
    if (before(action))
        LEAVE(-1);
    struct stat status;
    int is_file = lstat(path, &status) == 0 && S_ISREG(status.st_mode);
    char *aside = is_file && !ends_with(path, "-shm") ? put_aside(path) : NULL;
    int result = REAL(unlinkat)(dir, name, flags);
    int error = errno;
    if (result == 0 && aside) {
        moved(path, aside);
        add(REMOVED, path)->aside = aside;
    }
    after(action);
    errno = error;
    LEAVE(result);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int dir, const char *name, mode_t mode)
{
    char path[PATH_MAX];
    if (!resolve(dir, name, path))
        return REAL(mkdirat)(dir, name, mode);
    ENTER;
    struct stat status;
    int is_there = stat(path, &status) == 0;
    enum action action = decide("mkdir", path, IS(CHANGE), !is_there);
    if (before(action))
        LEAVE(-1);
    int result = REAL(mkdirat)(dir, name, mode);
    int error = errno;
    if (result == 0)
        add(MADE_FOLDER, path);
    after(action);
    errno = error;
    LEAVE(result);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    char path[PATH_MAX];
    if (!resolve(to_dir, to, path))
        return REAL(linkat)(from_dir, from, to_dir, to, flags);
    ENTER;
    enum action action = decide("link", path, IS(CHANGE), 1);
    if (before(action))
        LEAVE(-1);
    int result = REAL(linkat)(from_dir, from, to_dir, to, flags);
    int error = errno;
    if (result == 0)
        add(CREATED, path);
    after(action);
    errno = error;
    LEAVE(result);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int symlinkat(const char *target, int dir, const char *name)
{
    char path[PATH_MAX];
    if (!resolve(dir, name, path))
        return REAL(symlinkat)(target, dir, name);
    ENTER;
    enum action action = decide("symlink", path, IS(CHANGE), 1);
    if (before(action))
        LEAVE(-1);
    int result = REAL(symlinkat)(target, dir, name);
    int error = errno;
    if (result == 0)
        add(CREATED, path);
    after(action);
    errno = error;
    LEAVE(result);
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }

/* Copies inside the kernel would go past all of the above: callers fall back to reading and writing. */
ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned int flags)
{
    char path[PATH_MAX];
    if (!path_of(to, path))
        return REAL(copy_file_range)(from, from_at, to, to_at, length, flags);
    errno = ENOSYS;
    return -1;
}

ssize_t sendfile64(int to, int from, off64_t *offset, size_t length)
{
    ssize_t (*real)(int, int, off64_t *, size_t) = real_("sendfile64");
    char path[PATH_MAX];
    if (!path_of(to, path))
        return real(to, from, offset, length);
    errno = EINVAL;
    return -1;
}
