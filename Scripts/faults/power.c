// Notes what a program writes to its SQLite files and when it has them synced, so that a test can make the files as they
// would be after the power went at any moment. To be preloaded; POWER_LOG names the file of notes, of records
//   op, file, offset, length (eight bytes each), then the bytes
// with op 1 written, 2 cut to offset, 3 synced, 4 removed; file 1 the database, 2 its WAL.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long long kind(const char *path) {
    size_t length = strlen(path);
    if (length > 7 && !strcmp(path + length - 7, ".sqlite")) return 1;
    if (length > 11 && !strcmp(path + length - 11, ".sqlite-wal")) return 2;
    return 0;
}

static long long kind_of(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return kind(path);
}

static void note(long long op, long long file, long long offset, long long length, const void *bytes) {
    static int notes = -1;
    if (!file) return;
    pthread_mutex_lock(&lock);
    if (notes < 0) notes = open(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    long long head[4] = {op, file, offset, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, (size_t)length}};
    if (writev(notes, parts, length ? 2 : 1) < 0) abort();
    pthread_mutex_unlock(&lock);
}

#define REAL(name, result, ...) static result (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    ssize_t written = real(file, bytes, count, at);
    if (written > 0) note(1, kind_of(file), at, written, bytes);
    return written;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return pwrite64(file, bytes, count, at); }

int ftruncate64(int file, off64_t size) {
    REAL("ftruncate64", int, int, off64_t);
    int status = real(file, size);
    if (!status) note(2, kind_of(file), size, 0, 0);
    return status;
}

int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int fdatasync(int file) {
    REAL("fdatasync", int, int);
    int status = real(file);
    if (!status) note(3, kind_of(file), 0, 0, 0);
    return status;
}

int fsync(int file) {
    REAL("fsync", int, int);
    int status = real(file);
    if (!status) note(3, kind_of(file), 0, 0, 0);
    return status;
}

int unlink(const char *path) {
    REAL("unlink", int, const char *);
    int status = real(path);
    if (!status) note(4, kind(path), 0, 0, 0);
    return status;
}
