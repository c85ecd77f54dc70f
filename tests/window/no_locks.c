/* For LD_PRELOAD: a file system without locks, as some network drives are. */
#include <errno.h>

int flock(int file, int operation) {
    (void)file;
    (void)operation;
    errno = ENOLCK;
    return -1;
}
