/* SPDX-License-Identifier: GPL-3.0-or-later */
/* claim: two servers over the same files are told apart before either touches them. */
#include "main/claim.h"
#include "main/lock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOCK_NAME "lock"

static int
say(const char *what, const char *path, const char *why)
{
	fprintf(stderr, "covend: %s %s: %s\n", what, path, why);
	return -1;
}

/* -1: said.  `fd`: one that was inherited, or -1. */
static int
take(const char *what, const char *key, const char *path, const char *file, int fd)
{
	pid_t holder;
	char why[160], pid[40] = "";

	if (fd >= 0 && lock_is(fd, file))
		return fd;
	if (fd >= 0)
		close(fd);
	fd = lock_take(file, &holder);
	if (fd >= 0)
		return fd;
	if (errno != EWOULDBLOCK)
		return say("cannot lock", file, strerror(errno));
	if (holder)
		snprintf(pid, sizeof pid, " (pid %ld)", (long)holder);
	snprintf(why, sizeof why, "another covend is running with it%s; stop that one, or set another `%s`", pid, key);
	return say(what, path, why);
}

static int
open_data(struct claim *c, const struct become *b, const struct places *p, const char *data, int inherited)
{
	char file[PLACES_PATH + 8];

	if ((p->own ? places_make(data) : become_folder(b, data)) != 0)
		return say("cannot use the data folder", data, strerror(errno));
	snprintf(file, sizeof file, "%s/" LOCK_NAME, data);
	c->data = take("data folder", "data", data, file, inherited);
	if (c->data < 0)
		return -1;
	become_give(b, data, LOCK_NAME);
	return 0;
}

/* Only a default place is made; of one that was asked for, the folder must be there. */
static int
make_control_folder(const struct places *p, const char *data, const char *control)
{
	char usual[PLACES_PATH];

	places_control(p, data, usual);
	if (!p->own || strcmp(control, usual) != 0)
		return 0;
	*strrchr(usual, '/') = '\0';
	return places_make(usual) == 0 ? 0 : say("cannot use the folder", usual, strerror(errno));
}

static int
open_control(struct claim *c, const struct places *p, const char *data, const char *control, int inherited)
{
	size_t length = strlen(data);
	char file[PLACES_PATH + 8];

	if (strncmp(control, data, length) == 0 && control[length] == '/' && !strchr(control + length + 1, '/'))
		return 0; /* the lock of the folder counts for what is in it */
	if (make_control_folder(p, data, control) != 0)
		return -1;
	snprintf(file, sizeof file, "%s.lock", control);
	c->control = take("control socket", "control", control, file, inherited);
	return c->control < 0 ? -1 : 0;
}

int
claim_open(struct claim *c, const struct become *b, const struct places *p, const char *data, const char *control,
           struct inherit *inherit)
{
	*c = (struct claim)CLAIM_NONE;
	if (open_data(c, b, p, data, inherit_take(inherit, INHERIT_DATA_LOCK)) != 0)
		return -1;
	return open_control(c, p, data, control, inherit_take(inherit, INHERIT_CONTROL_LOCK));
}

void
claim_sign(const struct claim *c)
{
	if (c->data >= 0)
		lock_sign(c->data);
	if (c->control >= 0)
		lock_sign(c->control);
}

void
claim_close(struct claim *c)
{
	if (c->control >= 0)
		close(c->control);
	if (c->data >= 0)
		close(c->data);
	*c = (struct claim)CLAIM_NONE;
}
