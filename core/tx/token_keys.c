/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_keys: the keys of Record-Route tokens, kept in the data folder so that a restart changes nothing for calls
 * that go on. */
#include "base/random.h"
#include "tx/token.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEYS_NAME "route.key"
#define KEYS_MAGIC "CovenRK1"
#define KEYS_AGE (30 * 24 * 3600) /* seconds until a new generation */

struct keys_file {
	char magic[8];
	int64_t made; /* seconds since 1970 */
	struct token_keys keys;
};

/* -1: errno; ENOENT: there is none, EBADMSG: it is not one of ours. */
static int
read_file(const char *path, struct keys_file *f)
{
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -1;
	n = read(fd, f, sizeof *f);
	if (n == (ssize_t)sizeof *f && fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		n = -1, errno = EPERM;
	else if (n >= 0 && (n != (ssize_t)sizeof *f || memcmp(f->magic, KEYS_MAGIC, 8) != 0))
		n = -1, errno = EBADMSG;
	close(fd);
	return n == (ssize_t)sizeof *f ? 0 : -1;
}

/* Whole or not at all: written beside, synced, renamed. */
static int
write_file(const char *path, const struct keys_file *f)
{
	char beside[4096 + 8];
	int fd, bad;

	if ((size_t)snprintf(beside, sizeof beside, "%s.new", path) >= sizeof beside)
		return -1;
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	bad = write(fd, f, sizeof *f) != (ssize_t)sizeof *f || fsync(fd) != 0;
	if (close(fd) != 0)
		bad = 1;
	return bad ? -1 : rename(beside, path);
}

/* The name itself is on disk only when its folder is. */
static void
sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static void
next_generation(struct keys_file *f, bool first)
{
	memcpy(f->magic, KEYS_MAGIC, 8);
	f->made = (int64_t)time(NULL);
	memcpy(f->keys.before, f->keys.key, TOKEN_KEY);
	f->keys.has_before = !first;
	f->keys.generation++;
	random_bytes(f->keys.key, TOKEN_KEY);
}

int
token_keys_load(struct token_keys *keys, const char *dir, const char **why)
{
	struct keys_file f = { .made = 0 };
	char path[4096];
	int got;

	*why = "cannot be read";
	if ((size_t)snprintf(path, sizeof path, "%s/" KEYS_NAME, dir) >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	got = read_file(path, &f);
	if (got != 0 && errno != ENOENT) {
		if (errno == EPERM)
			*why = "can be read by others: chmod 600";
		else if (errno == EBADMSG)
			*why = "is damaged: remove it (calls that go on will lose their way)";
		return -1;
	}
	if (got != 0 || (int64_t)time(NULL) - f.made > KEYS_AGE) {
		next_generation(&f, got != 0);
		*why = "cannot be written";
		if (write_file(path, &f) != 0)
			return -1;
		sync_folder(dir);
	}
	*keys = f.keys;
	explicit_bzero(&f, sizeof f);
	return 0;
}
