/* For LD_PRELOAD: ends the program, as kill -9 does, at the MOESCOPE_KILL_AT-th time that it waits for the disk,
 * counted from when the file MOESCOPE_KILL_ARMED is there. An odd number ends it before that, an even one after: so 1
 * is before the first sync, 2 after it, 3 before the second one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int passed;

static void step(void) {
    const char* armed = getenv("MOESCOPE_KILL_ARMED");
    const char* at = getenv("MOESCOPE_KILL_AT");
    if (!armed || !at || access(armed, F_OK) != 0) return;
    if (atomic_fetch_add(&passed, 1) + 1 == atoi(at)) kill(getpid(), SIGKILL);
}

static int watched(const char* name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    step();
    const int result = real(file);
    step();
    return result;
}

int fsync(int file) {
    return watched("fsync", file);
}

int fdatasync(int file) {
    return watched("fdatasync", file);
}
