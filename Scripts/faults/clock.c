// A wall clock that is wrong by as many seconds as the file CLOCK_OFFSET holds (eight bytes), which may change at any
// moment. To be preloaded. (libfaketime takes a Swift program its arguments away, and breaks waits of others.)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <sys/mman.h>
static volatile long long *offset(void) {
    static volatile long long *shared;
    static long long none;
    if (!shared) {
        const char *name = getenv("CLOCK_OFFSET");
        int file = name ? open(name, O_RDONLY) : -1;
        void *at = file < 0 ? MAP_FAILED : mmap(0, sizeof(long long), PROT_READ, MAP_SHARED, file, 0);
        shared = at == MAP_FAILED ? &none : at;
        if (file >= 0) close(file);
    }
    return shared;
}
int clock_gettime(clockid_t clock, struct timespec *at) {
    int status = syscall(SYS_clock_gettime, clock, at);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += *offset();
    return status;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
