/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the file what it should be?  LMDB believes what it maps, and what was cut off kills
 * whoever looks there: so another process looks at all of it first. */
#include "disk.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_SECONDS 300 /* of processor time */
#define PAGE_FIRST 2      /* those before are LMDB's meta pages */
#define META_MAGIC 0xbeefc0de

enum verdict {
	CHECK_GOOD = 0,
	CHECK_DAMAGED = 10,
	CHECK_NEWER = 11,
	CHECK_FOREIGN = 12,
	CHECK_UNREADABLE = 13
};

/* -- in the child */

/* Pages that LMDB will write to one day: they have to be pages of this file. */
static bool
sane_free_list(const MDB_val *value, size_t last_page)
{
	const size_t *ids = value->mv_data;
	size_t count = value->mv_size / sizeof ids[0];

	if (count == 0 || ids[0] > count - 1)
		return false;
	for (size_t i = 1; i <= ids[0]; i++)
		if (ids[i] < PAGE_FIRST || ids[i] > last_page ||
		    (i > 1 && ids[i] >= ids[i - 1]))
			return false;
	return true;
}

static enum verdict
check_free(MDB_txn *txn, size_t last_page)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_stat stat;
	size_t seen = 0;
	int rc = mdb_stat(txn, 0, &stat);

	if (!rc)
		rc = mdb_cursor_open(txn, 0, &cursor);
	if (rc)
		return CHECK_DAMAGED;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
		if (++seen > stat.ms_entries || key.mv_size != sizeof(size_t) ||
		    !sane_free_list(&value, last_page))
			return CHECK_DAMAGED;
	return rc == MDB_NOTFOUND ? CHECK_GOOD : CHECK_DAMAGED;
}

static enum verdict
check_note(const MDB_val *key, const MDB_val *value, bool *ours)
{
	struct coven_slice k = { key->mv_data, key->mv_size };
	struct coven_slice v = { value->mv_data, value->mv_size };
	struct note note;

	switch (note_read(&note, k, v)) {
	case NOTE_GOOD:
		*ours |= note.kind == NOTE_ABOUT;
		note_free(&note);
		return CHECK_GOOD;
	case NOTE_NEWER:
		return CHECK_NEWER;
	case NOTE_DAMAGED:
		break;
	}
	return CHECK_DAMAGED;
}

static enum verdict
check_notes(MDB_txn *txn)
{
	MDB_dbi dbi;
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_stat stat;
	bool ours = false;
	size_t seen = 0, bad = 0;
	int rc = mdb_dbi_open(txn, NULL, 0, &dbi);

	if (!rc)
		rc = mdb_stat(txn, dbi, &stat);
	if (!rc)
		rc = mdb_cursor_open(txn, dbi, &cursor);
	if (rc)
		return CHECK_DAMAGED;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		enum verdict v = check_note(&key, &value, &ours);

		if (v == CHECK_NEWER)
			return v;
		bad += v != CHECK_GOOD;
		if (++seen > stat.ms_entries)
			return CHECK_DAMAGED;
	}
	if (rc != MDB_NOTFOUND || seen != stat.ms_entries)
		return CHECK_DAMAGED;
	if (!ours && bad == seen)
		return CHECK_FOREIGN; /* somebody else's, or nobody's */
	return ours && !bad ? CHECK_GOOD : CHECK_DAMAGED;
}

static enum verdict
check_environment(const char *path)
{
	MDB_env *env;
	MDB_envinfo info;
	MDB_txn *txn;
	enum verdict v;

	if (mdb_env_create(&env) != 0)
		return CHECK_UNREADABLE;
	if (mdb_env_open(env, path, MDB_RDONLY | MDB_NOSUBDIR | MDB_NOLOCK, 0600) != 0 ||
	    mdb_env_info(env, &info) != 0 ||
	    mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0)
		return CHECK_DAMAGED;
	v = check_notes(txn);
	if (v == CHECK_GOOD)
		v = check_free(txn, info.me_last_pgno);
	return v;
}

/* A child for this alone: what it opens goes with it. */
static enum verdict
look(const char *path)
{
	static const int deadly[] = { SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGXCPU };
	const struct rlimit none = { 0, 0 };
	const struct rlimit time = { CHECK_SECONDS, CHECK_SECONDS };
	sigset_t all;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, STDERR_FILENO); /* LMDB's last words */
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		signal(deadly[i], SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &time);
	return check_environment(path);
}

/* -- in the parent */

/* Has it ever been LMDB's? */
static bool
has_magic(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint32_t magic = 0;
	bool has = false;

	if (fd < 0)
		return false;
	for (off_t page = 0; page <= 4096; page += 4096)
		if (pread(fd, &magic, sizeof magic, page + 16) == (ssize_t)sizeof magic)
			has |= magic == META_MAGIC;
	close(fd);
	return has;
}

static int
explain(enum verdict v, const char *folder, const char *path, char why[DISK_WHY])
{
	if (v == CHECK_DAMAGED && place_size(path) && !has_magic(path))
		v = CHECK_FOREIGN;
	switch (v) {
	case CHECK_GOOD:
		return 0;
	case CHECK_NEWER:
		disk_say(why, "%s was written by a newer covend: use that one, or "
			 "another folder", path);
		break;
	case CHECK_FOREIGN:
		disk_say(why, "%s is not a store of covend: move it away, or use "
			 "another folder", path);
		break;
	case CHECK_UNREADABLE:
		disk_say(why, "%s cannot be checked: %s", path, strerror(errno));
		break;
	case CHECK_DAMAGED:
		disk_say(why, "%s is damaged: \"covenctl store salvage %s NEW\" "
			 "saves what is readable to a folder NEW, which then takes its place",
			 path, folder);
		break;
	}
	return -1;
}

static enum verdict
wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return CHECK_UNREADABLE;
	return WIFEXITED(status) ? (enum verdict)WEXITSTATUS(status) : CHECK_DAMAGED;
}

int
disk_check(const char *folder, char why[DISK_WHY])
{
	char path[PLACE_MAX];
	enum verdict v;
	pid_t child;

	if (place_path(path, folder, DISK_FILE) != 0) {
		errno = ENAMETOOLONG;
		return explain(CHECK_UNREADABLE, folder, folder, why);
	}
	if (access(path, R_OK) != 0)
		return explain(CHECK_UNREADABLE, folder, path, why);
	child = fork();
	if (child == 0)
		_exit((int)look(path));
	v = child < 0 ? CHECK_UNREADABLE : wait_for(child);
	return explain(v, folder, path, why);
}
