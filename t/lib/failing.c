/* SPDX-License-Identifier: GPL-3.0-or-later */
/* failing -- preloaded into covend by t/script/no-memory.t: the N-th time that memory is asked for, there is none.
 * N is the first number of the file that FAILING names, shared with the test; it counts down, and 0 means never.  The
 * second number counts every request, whether it is counted down or not. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

static _Atomic int64_t *counters; /* the test's: this library has nobody to keep them for it */

__attribute__((constructor)) static void
open_counters(void)
{
	const char *path = getenv("FAILING");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at = fd >= 0 ? mmap(NULL, 2 * sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (at != MAP_FAILED)
		counters = at;
	if (fd >= 0)
		close(fd);
}

static int
fails(void)
{
	if (!counters)
		return 0;
	atomic_fetch_add(&counters[1], 1);
	if (atomic_load(&counters[0]) <= 0 || atomic_fetch_sub(&counters[0], 1) != 1)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *at, size_t size)
{
	return fails() ? NULL : __libc_realloc(at, size);
}
