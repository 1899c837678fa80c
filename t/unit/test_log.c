/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in the log: levels, escapes, limits; read back through a pipe. */
#include "../tap.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int pipes[2];
static char got[8192];

static const char *
logged(void)
{
	ssize_t n;

	if (write(STDERR_FILENO, "\1", 1) != 1)
		return "";
	n = read(pipes[0], got, sizeof got - 1);
	got[n > 0 ? n - 1 : 0] = '\0';
	return got;
}

/* The line behind its date. */
static const char *
text_logged(void)
{
	const char *line = logged();

	return strlen(line) > 25 && line[10] == 'T' && line[23] == 'Z' ? line + 25 : line;
}

static void
test_lines(void)
{
	char longer[4000];

	log_line(LOG_LEVEL_INFO, "udp", "listen %s port %d", "127.0.0.1", 5060);
	is_text(text_logged(), "info udp: listen 127.0.0.1 port 5060\n", "a line");
	log_line(LOG_LEVEL_DEBUG, "udp", "more");
	is_text(logged(), "", "debug is off");
	log_set_level(LOG_LEVEL_DEBUG);
	is_int(log_level(), LOG_LEVEL_DEBUG, "level");
	log_line(LOG_LEVEL_DEBUG, "udp", "more");
	is_text(text_logged(), "debug udp: more\n", "debug is on");
	log_set_level(LOG_LEVEL_WARN);
	log_line(LOG_LEVEL_INFO, "udp", "more");
	is_text(logged(), "", "info is off");
	log_line(LOG_LEVEL_ERROR, "x", "a\r\nerror x: forged\x1b[31m\x7f\t");
	is_text(text_logged(), "error x: a\\x0d\\x0aerror x: forged\\x1b[31m\\x7f\\x09\n",
		"controls");
	log_line(LOG_LEVEL_ERROR, "x", "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80");
	is_text(text_logged(), "error x: M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80\n",
		"UTF-8");
	log_line(LOG_LEVEL_ERROR, "x",
		 "\xff|\xc3|\xc0\x8a|\xed\xa0\x80|\xc2\x85|\xe2\x80\xae|\xf4\x90\x80\x80|"
		 "\xe2");
	is_text(text_logged(),
		"error x: "
		"\\xff|\\xc3|\\xc0\\x8a|\\xed\\xa0\\x80|\\xc2\\x85|\\xe2\\x80\\xae|"
		"\\xf4\\x90\\x80\\x80|\\xe2\n",
		"what is no UTF-8, or a control in disguise");
	memset(longer, 'y', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	log_line(LOG_LEVEL_ERROR, "x", "%s", longer);
	ok(strlen(text_logged()) < 1600 && strstr(got, "yyy...\n"), "a long line is cut");
	memset(longer, '\1', sizeof longer - 1);
	log_line(LOG_LEVEL_ERROR, "x", "%s", longer);
	ok(strlen(text_logged()) < 4200 && strstr(got, "...\n"),
	   "an escaped one as well");
	errno = 77;
	log_line(LOG_LEVEL_ERROR, "x", "y");
	is_int(errno, 77, "errno is kept");
	logged();
}

static int
lines_in(const char *text)
{
	int lines = 0;

	while ((text = strchr(text, '\n')) != NULL)
		text++, lines++;
	return lines;
}

static void
test_often(void)
{
	struct log_cause cause = {0};
	int lines;

	for (int i = 0; i < 1000; i++)
		log_often(&cause, LOG_LEVEL_WARN, "udp", "drop packet %d", i);
	lines = lines_in(logged());
	ok(lines >= LOG_PER_SECOND && lines <= 3 * LOG_PER_SECOND, "%d lines of 1000",
	   lines);
	usleep(1100000);
	log_often(&cause, LOG_LEVEL_WARN, "udp", "drop packet again");
	ok(strstr(text_logged(), "drop packet again (9") &&
		   strstr(got, " more left out)\n"),
	   "%s", got);
	log_often(&cause, LOG_LEVEL_WARN, "udp", "drop packet");
	is_text(text_logged(), "warn udp: drop packet\n", "said once");
}

int
main(void)
{
	int old = dup(STDERR_FILENO);

	unsetenv("JOURNAL_STREAM");
	if (old < 0 || pipe(pipes) < 0 || dup2(pipes[1], STDERR_FILENO) < 0)
		return 1;
	test_lines();
	test_often();
	dup2(old, STDERR_FILENO);
	return done();
}
