/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stuck -- a plugin that does not come back: a request with "Stuck: N" holds its worker for N ms; "Exec: FILE" tries
 * to run a program, which the sandbox must not let happen.  For tests. */
#include <coven/plugin.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum coven_verdict
screen(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	struct coven_slice n = coven_header(coven_view(req), "Stuck", 0);
	struct coven_slice file = coven_header(coven_view(req), "Exec", 0);
	struct timespec while_ = { 0, 0 };
	char path[256] = "";
	long ms = 0;

	for (size_t i = 0; i < n.length && n.at[i] >= '0' && n.at[i] <= '9'; i++)
		ms = ms * 10 + (n.at[i] - '0');
	while_.tv_sec = ms / 1000;
	while_.tv_nsec = ms % 1000 * 1000000;
	if (ms)
		nanosleep(&while_, NULL);
	if (file.length && file.length < sizeof path) {
		memcpy(path, file.at, file.length);
		execl(path, path, (char *)NULL);
		coven_log(in, COVEN_INFO, "exec: %s", strerror(errno));
	}
	return COVEN_NEXT;
}

static const struct coven_hook hooks[] = { { COVEN_SCREEN, screen, "OPTIONS" }, { 0, NULL, NULL } };

COVEN_PLUGIN(.name = "stuck", .version = "1.0", .summary = "does not come back, for tests",
	     .hooks = hooks);
