/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and opens shared objects.  Constructors run as soon as one is mapped, so that owner, version and symbols are
 * judged from the file before. */
#include "host/load.h"
#include "base/text.h"
#include "host/chain.h"
#include "host/elf.h"
#include "host/hint.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_ROOM 400 /* bytes for names in one line */

static bool
exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int
is_object(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 3 && !strcmp(entry->d_name + length - 3, ".so");
}

/* Among the plugins of a folder, the name that was perhaps meant. */
static void
hint_in(const char *folder, const char *wrong, char near[HINT_TEXT])
{
	struct dirent **names;
	int count = scandir(folder, &names, is_object, alphasort);
	struct hint h;

	if (count < 0)
		return;
	hint_begin(&h, wrong);
	for (int i = 0; i < count; i++) {
		names[i]->d_name[strlen(names[i]->d_name) - 3] = '\0';
		hint_try(&h, names[i]->d_name);
	}
	hint_text(&h, near);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int
not_found(const struct plug *p, const char *plugin, const char *const *folders, struct complaints *list)
{
	struct text_builder b;
	char room[LIST_ROOM], near[HINT_TEXT] = "";

	text_begin(&b, room, sizeof room);
	for (size_t i = 0; folders[i]; i++) {
		text_print(&b, "%s%s", i ? ", " : "", folders[i]);
		if (!*near)
			hint_in(folders[i], plugin, near);
	}
	return plug_refuse(p, list, "no %s.so in %s%s", plugin, folders[0] ? room : "any folder", near);
}

int
load_find(struct plug *p, const char *plugin, const char *const *folders, struct complaints *list)
{
	char *path;

	if (strchr(plugin, '/')) {
		p->file = strdup(plugin);
		return p->file ? 0 : plug_refuse(p, list, "no memory");
	}
	for (size_t i = 0; folders[i]; i++) {
		if (asprintf(&path, "%s/%s.so", folders[i], plugin) < 0)
			return plug_refuse(p, list, "no memory");
		if (exists(path)) {
			p->file = path;
			return 0;
		}
		free(path);
	}
	return not_found(p, plugin, folders, list);
}

/* Whoever can write the file runs code as us. */
static int
check_owner(const struct plug *p, const struct stat *st, uid_t user, struct complaints *list)
{
	if (!S_ISREG(st->st_mode))
		return plug_refuse(p, list, "%s is not a file", p->file);
	if (st->st_uid != 0 && st->st_uid != user)
		return plug_refuse(p, list, "%s belongs to user %u, not to root or user %u", p->file,
		                   (unsigned)st->st_uid, (unsigned)user);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return plug_refuse(p, list, "%s can be written by others than its owner (mode %04o)", p->file,
		                   (unsigned)st->st_mode & 07777);
	return 0;
}

static int
check_version(const struct plug *p, const struct elf *e, struct complaints *list)
{
	if (!e->noted)
		return plug_refuse(p, list, "%s is not a plugin: it has no note from COVEN_PLUGIN", p->file);
	if (e->major == COVEN_ABI_MAJOR &&
	    (COVEN_ABI_MAJOR ? e->minor <= COVEN_ABI_MINOR : e->minor == COVEN_ABI_MINOR))
		return 0;
	return plug_refuse(p, list, "%s is built for version %u.%u of the plugin interface, this covend has %u.%u",
	                   p->file, e->major, e->minor, COVEN_ABI_MAJOR, COVEN_ABI_MINOR);
}

/* The run-time library of a sanitizer ends the process when it comes in by a plugin. */
static int
check_sanitizer(const struct plug *p, const struct elf *e, struct complaints *list)
{
	static const char *const marks[] = { "__asan_init", "__tsan_init", NULL };

	for (const char *const *mark = marks; *mark; mark++) {
		size_t cursor = 0;

		if (elf_wanted(e, *mark, &cursor) && !dlsym(RTLD_DEFAULT, *mark))
			return plug_refuse(p, list, "%s is built with a sanitizer, this covend is not", p->file);
	}
	return 0;
}

static int
check_symbols(const struct plug *p, const struct elf *e, struct complaints *list)
{
	struct text_builder b;
	char room[LIST_ROOM];
	const char *name;
	size_t cursor = 0, count = 0, left_out = 0;

	text_begin(&b, room, sizeof room);
	while ((name = elf_wanted(e, "coven_", &cursor))) {
		if (dlsym(RTLD_DEFAULT, name))
			continue;
		if (b.length + strlen(name) + 2 < sizeof room)
			text_print(&b, "%s%s", count ? ", " : "", name);
		else
			left_out++;
		count++;
	}
	if (!count)
		return 0;
	if (left_out)
		return plug_refuse(p, list, "%s needs what this covend does not have: %s and %zu more", p->file,
		                   room, left_out);
	return plug_refuse(p, list, "%s needs what this covend does not have: %s", p->file, room);
}

static int
check_bytes(const struct plug *p, struct coven_slice bytes, struct complaints *list)
{
	struct elf e;

	if (elf_read(&e, bytes))
		return plug_refuse(p, list, "%s %s", p->file, e.wrong);
	if (check_version(p, &e, list) || check_sanitizer(p, &e, list))
		return -1;
	return check_symbols(p, &e, list);
}

static int
check_file(struct plug *p, uid_t user, struct complaints *list)
{
	/* O_NONBLOCK: a pipe that somebody put there must not hold us up */
	int fd = open(p->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = -1;
	size_t length;
	struct stat st;
	void *bytes;

	if (fd < 0)
		return plug_refuse(p, list, "%s: %s", p->file, strerror(errno));
	if (fstat(fd, &st) < 0) {
		plug_refuse(p, list, "%s: %s", p->file, strerror(errno));
		goto out;
	}
	p->stat = st;
	if (check_owner(p, &st, user, list))
		goto out;
	if (st.st_size == 0 || st.st_size > LOAD_FILE_MAX) {
		plug_refuse(p, list, "%s is %s", p->file, st.st_size ? "too large" : "empty");
		goto out;
	}
	length = (size_t)st.st_size;
	bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		plug_refuse(p, list, "%s: %s", p->file, strerror(errno));
		goto out;
	}
	rc = check_bytes(p, (struct coven_slice){ bytes, length }, list);
	munmap(bytes, length);
out:
	close(fd);
	return rc;
}

/* -- a name for the loader */

bool
load_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int
has_name(struct dl_phdr_info *object, size_t size, void *name)
{
	(void)size;
	return strcmp(object->dlpi_name, name) == 0;
}

/* Every "./" more is another name of the same file. */
static char *
fresh_name(const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t head = slash ? (size_t)(slash - file) + 1 : 0, length = strlen(file);
	char *name = malloc(length + 2 * LOAD_NAMES_MAX + 1);

	if (!name)
		return NULL;
	memcpy(name, file, head);
	for (size_t i = 0; i < LOAD_NAMES_MAX; i++) {
		strcpy(name + head + 2 * i, file + head);
		if (!dl_iterate_phdr(has_name, name))
			return name;
		memcpy(name + head + 2 * i, "./", 2);
	}
	free(name);
	return NULL;
}

static char *
name_for_loader(const struct plug *p, const struct chain *old)
{
	for (size_t i = 0; old && i < old->count; i++)
		if (old->plugs[i]->mapped && load_same_file(&old->plugs[i]->stat, &p->stat))
			return strdup(old->plugs[i]->mapped);
	return fresh_name(p->file);
}

int
load_open(struct plug *p, uid_t user, const struct chain *old, struct complaints *list)
{
	if (check_file(p, user, list))
		return -1;
	p->mapped = name_for_loader(p, old);
	if (!p->mapped)
		return plug_refuse(p, list, "%s: no memory, or replaced too often: restart covend", p->file);
	p->handle = dlopen(p->mapped, RTLD_NOW | RTLD_LOCAL);
	if (!p->handle)
		return plug_refuse(p, list, "%s", dlerror());
	p->table = dlsym(p->handle, "coven_plugin");
	if (p->table)
		return 0;
	plug_refuse(p, list, "%s is not a plugin: it does not export coven_plugin", p->file);
	load_close(p);
	return -1;
}

/* A sanitizer's report would name code that is no longer there by the wrong file. */
static bool
sanitized(void)
{
	return dlsym(RTLD_DEFAULT, "__asan_init") || dlsym(RTLD_DEFAULT, "__tsan_init");
}

void
load_close(struct plug *p)
{
	if (p->handle && !sanitized())
		dlclose(p->handle);
	p->handle = NULL;
	p->table = NULL;
}
