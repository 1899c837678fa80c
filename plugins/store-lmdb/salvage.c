/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coven-store-salvage FROM TO: what can still be read of a store goes to a new one.  What
 * covenctl store salvage runs; needs no server, and none may use FROM meanwhile. */
#include "disk.h"
#include "pages.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORTION ((size_t)1 << 20)
#define MAP_MAX ((size_t)1 << 40)
#define VERSIONS_AHEAD (1 << 20)

struct salvage {
	struct disk *disk;
	struct bundle *bundle;
	bool only_new; /* from the older state: only what the newer has lost */
	bool exists;
	size_t saved, damaged;
	uint64_t versions;
	int rc;
};

static void
flush(struct salvage *s)
{
	if (!s->rc && s->bundle->items)
		s->rc = disk_write(s->disk, s->bundle);
	bundle_reset(s->bundle);
}

static void
exists(void *arg, struct coven_slice key, const struct note *note)
{
	struct salvage *s = arg;

	s->exists = note != NULL;
}

static void
remember_version(struct salvage *s, uint64_t version)
{
	if (s->versions < version)
		s->versions = version;
}

static void
save(struct salvage *s, struct coven_slice key, struct coven_slice value)
{
	char *room;

	if (s->only_new) {
		disk_look(s->disk, key, exists, s);
		if (s->exists)
			return;
	}
	room = bundle_add(s->bundle, key, value.length);
	if (!room) {
		s->rc = ENOMEM;
		return;
	}
	memcpy(room, value.at, value.length);
	s->saved++;
	if (s->bundle->used > PORTION)
		flush(s);
}

static void
take(void *arg, struct coven_slice key, struct coven_slice value)
{
	struct salvage *s = arg;
	struct note note;

	if (s->rc)
		return;
	if (note_read(&note, key, value) != NOTE_GOOD) {
		s->damaged += !s->only_new;
		return;
	}
	switch (note.kind) {
	case NOTE_BINDINGS:
		remember_version(s, note.bindings.version);
		save(s, key, value);
		break;
	case NOTE_RECORD:
		remember_version(s, note.record.version);
		save(s, key, value);
		break;
	case NOTE_ABOUT:
		remember_version(s, note.versions);
		break;
	}
	note_free(&note);
}

static int
run(struct salvage *s, struct pages *pages)
{
	uint64_t expected = pages_expected(pages);
	size_t lost = pages_walk(pages, take, s);

	flush(s);
	expected -= expected > 0; /* the one about the file itself */
	if (!s->rc && (lost || s->damaged || s->saved < expected) &&
	    pages_older(pages)) {
		s->only_new = true;
		pages_walk(pages, take, s);
		flush(s);
	}
	if (!s->rc)
		s->rc = disk_write_about(s->disk, s->versions + VERSIONS_AHEAD);
	if (s->rc) {
		fprintf(stderr, "cannot write: %s\n", disk_error(s->rc));
		return 1;
	}
	printf("%zu records saved, %zu lost\n", s->saved,
	       expected > s->saved ? (size_t)(expected - s->saved) : 0);
	return 0;
}

/* Root saves for the user whose it was. */
static void
give(const char *folder, const struct stat *owner)
{
	char path[PLACE_MAX];

	if (geteuid() != 0 || place_path(path, folder, DISK_FILE) != 0)
		return;
	if (chown(folder, owner->st_uid, owner->st_gid) != 0 ||
	    chown(path, owner->st_uid, owner->st_gid) != 0)
		fprintf(stderr, "%s: cannot be given to user %u: %s\n", folder,
			(unsigned)owner->st_uid, strerror(errno));
}

static int
open_from(const char *folder, struct stat *owner)
{
	char path[PLACE_MAX];
	int fd = -1;

	if (place_path(path, folder, DISK_FILE) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, owner) != 0) {
		fprintf(stderr, "%s/%s: %s\n", folder, DISK_FILE, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_SH | LOCK_NB) == 0)
		return fd;
	fprintf(stderr, "%s: is in use: stop covend first\n", folder);
	close(fd);
	return -1;
}

static int
open_to(struct salvage *s, const char *folder)
{
	char why[DISK_WHY];

	if (mkdir(folder, 0700) != 0) {
		fprintf(stderr, "%s: %s: a new folder is wanted\n", folder,
			strerror(errno));
		return -1;
	}
	if (disk_make(folder, why) == 0)
		s->disk = disk_open(folder, MAP_MAX, why);
	if (!s->disk) {
		fprintf(stderr, "%s\n", why);
		return -1;
	}
	s->bundle = bundle_new();
	return s->bundle ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct salvage s = { .disk = NULL };
	struct pages *pages;
	struct stat owner;
	int fd, code = 1;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FROM TO\n", argv[0]);
		return 2;
	}
	fd = open_from(argv[1], &owner);
	if (fd < 0)
		return 1;
	pages = pages_open(fd);
	if (!pages)
		fprintf(stderr, "%s: nothing can be read: its first pages are gone\n",
			argv[1]);
	else if (open_to(&s, argv[2]) == 0)
		code = run(&s, pages);
	if (s.disk)
		disk_close(s.disk);
	if (code == 0)
		give(argv[2], &owner);
	if (s.bundle)
		bundle_done(s.bundle);
	if (pages)
		pages_free(pages);
	close(fd);
	return code;
}
