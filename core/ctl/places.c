/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The XDG base directory specification, as far as a server needs it. */
#include "ctl/places.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_CONFIG COVEN_SYSCONFDIR "/coven/coven.conf"
#define SYSTEM_DATA COVEN_LOCALSTATEDIR "/lib/coven"

/* Only an absolute path counts; the specification says so. */
static const char *
folder_of(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value == '/' ? value : NULL;
}

static const char *
home(void)
{
	const char *path = folder_of("HOME");
	const struct passwd *pw = path ? NULL : getpwuid(geteuid());

	return pw && pw->pw_dir && *pw->pw_dir == '/' ? pw->pw_dir : path;
}

/* What does not fit is as if it could not be told. */
static void
join(char room[PLACES_PATH], const char *a, const char *b, const char *c)
{
	if (!a || snprintf(room, PLACES_PATH, "%s%s%s", a, b, c) >= PLACES_PATH)
		*room = '\0';
}

static void
below(char room[PLACES_PATH], const char *variable, const char *in_home, const char *name)
{
	const char *folder = folder_of(variable);

	if (folder)
		join(room, folder, "", name);
	else
		join(room, home(), in_home, name);
}

void
places_control(const struct places *p, const char *data, char room[PLACES_PATH])
{
	const char *run = p->own ? folder_of("XDG_RUNTIME_DIR") : NULL;

	join(room, run ? run : data, run ? "/coven" : "", "/control");
}

void
places_find(struct places *p)
{
	const char *state = folder_of("STATE_DIRECTORY");

	p->own = geteuid() != 0 && !state;
	if (p->own) {
		below(p->config, "XDG_CONFIG_HOME", "/.config", "/coven/coven.conf");
		below(p->data, "XDG_STATE_HOME", "/.local/state", "/coven");
	} else {
		join(p->config, SYSTEM_CONFIG, "", "");
		join(p->data, state ? state : SYSTEM_DATA, "", "");
	}
	places_control(p, p->data, p->control);
}

int
places_make(const char *path)
{
	char room[PLACES_PATH];
	struct stat st;

	if (snprintf(room, sizeof room, "%s", path) >= (int)sizeof room) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *at = room + 1;; at++) {
		char c = *at;

		if (c != '/' && c != '\0')
			continue;
		*at = '\0';
		if (mkdir(room, 0700) != 0 && errno != EEXIST && stat(room, &st) != 0)
			return -1;
		*at = c;
		if (c == '\0')
			break;
	}
	if (stat(room, &st) != 0)
		return -1;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode) ? 0 : -1;
}

void
places_ask(char room[PLACES_PATH])
{
	/* where systemd keeps the data of a service, whatever configure was told */
	static const char *const others[] = { SYSTEM_DATA "/control", "/var/lib/coven/control" };
	struct places p;

	places_find(&p);
	join(room, p.control, "", "");
	for (size_t i = 0; i < sizeof others / sizeof others[0] && !(*room && access(room, F_OK) == 0); i++)
		if (access(others[i], F_OK) == 0)
			join(room, others[i], "", "");
}
