/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The harness itself: what a failed check prints, counted in a child whose output is read. */
#include "../tap.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int
bad_checks(void)
{
	ok(1 + 1 == 3, "sum");
	is_int(2, 3, "number");
	is_text("a\nb", "a", "text");
	is_bytes("a\0b", 3, "a\0c", 3, "bytes");
	skip("reason");
	return done();
}

/* Runs bad_checks() in a child; its output is in room, its exit code is given. */
static int
run_child(char *room, size_t size)
{
	int pipes[2], status;
	size_t length = 0;
	ssize_t n;
	pid_t child;

	fflush(stdout);
	if (pipe(pipes) < 0 || (child = fork()) < 0)
		return -1;
	if (child == 0) {
		memset(&tap, 0, sizeof tap);
		dup2(pipes[1], 1);
		close(pipes[0]);
		exit(bad_checks());
	}
	close(pipes[1]);
	while ((n = read(pipes[0], room + length, size - 1 - length)) > 0)
		length += (size_t)n;
	room[length] = '\0';
	close(pipes[0]);
	return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
}

int
main(void)
{
	char out[4096];

	is_int(run_child(out, sizeof out), 1, "failed checks give exit code 1");
	ok(strstr(out, "not ok 1 - sum\n# "), "a failed check has its line");
	ok(strstr(out, "2 is 2, not 3\n"), "numbers are shown");
	ok(strstr(out, "got  3: a\\x0ab\n"), "text stays on one line");
	ok(strstr(out, "want 3: a\\x00c\n"), "bytes are shown in full");
	ok(strstr(out, "ok 5 # SKIP reason\n1..5\n"), "skip and plan");
	ok(is_text(NULL, NULL, "NULL is like NULL"), "a check that holds gives true");
	return done();
}
