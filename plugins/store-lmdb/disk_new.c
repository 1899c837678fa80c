/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new store: a folder, and a file that is there whole or not at all; and whose it is. */
#include "disk.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH "data.mdb.new"

static int
say(char why[DISK_WHY], const char *what, const char *path)
{
	return disk_say(why, "cannot %s %s: %s", what, path, strerror(errno));
}

/* The name is on disk, too, when this has returned. */
static int
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

static int
make_file(const char *folder, const char *fresh, const char *path, char why[DISK_WHY])
{
	struct disk *d;
	int rc;

	if (unlink(fresh) != 0 && errno != ENOENT)
		return say(why, "remove", fresh);
	d = disk_open_file(fresh, DISK_MAP_FIRST, why);
	if (!d)
		return -1;
	rc = disk_write_about(d, 0);
	disk_close(d);
	if (rc) {
		unlink(fresh);
		return disk_say(why, "cannot write %s: %s", fresh, disk_error(rc));
	}
	if (rename(fresh, path) != 0 || sync_folder(folder) != 0)
		return say(why, "make", path);
	return 0;
}

int
disk_make(const char *folder, char why[DISK_WHY])
{
	char path[PLACE_MAX], fresh[PLACE_MAX];
	struct stat st;

	if (place_path(path, folder, DISK_FILE) != 0 ||
	    place_path(fresh, folder, FRESH) != 0) {
		errno = ENAMETOOLONG;
		return say(why, "use", folder);
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return say(why, "make the folder", folder);
	if (lstat(path, &st) == 0)
		return 0;
	if (errno != ENOENT)
		return say(why, "look at", path);
	return make_file(folder, fresh, path, why);
}

static int
owned(const char *path, mode_t kind, char why[DISK_WHY])
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return say(why, "look at", path);
	if ((st.st_mode & S_IFMT) != kind)
		disk_say(why, "%s is not a %s", path,
			 kind == S_IFDIR ? "folder" : "file");
	else if (st.st_uid != geteuid())
		disk_say(why, "%s belongs to user %u, not to user %u: chown it",
			 path, (unsigned)st.st_uid, (unsigned)geteuid());
	else if (st.st_mode & 077)
		disk_say(why, "%s is open to others (mode %04o): chmod go= it",
			 path, (unsigned)st.st_mode & 07777);
	else
		return 0;
	return -1;
}

int
disk_owned(const char *folder, char why[DISK_WHY])
{
	char path[PLACE_MAX];

	if (place_path(path, folder, DISK_FILE) != 0) {
		errno = ENAMETOOLONG;
		return say(why, "use", folder);
	}
	if (owned(folder, S_IFDIR, why) != 0)
		return -1;
	return owned(path, S_IFREG, why);
}
