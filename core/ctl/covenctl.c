/* SPDX-License-Identifier: GPL-3.0-or-later */
/* covenctl: says a command to covend over its control socket and prints the answer. */
#include "ctl/sheet.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_DEFAULT COVEN_LOCALSTATEDIR "/lib/coven/control"
#define ANSWER_MAX (128u << 20) /* bytes; more than covend ever sends */
#define ANSWER_FIRST 65536

enum { CTL_GOOD = 0, CTL_REFUSED = 1, CTL_UNUSABLE = 2 };

static int
unusable(const char *path, const char *why)
{
	fprintf(stderr, "covenctl: %s: %s\n", path, why);
	return -1;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof name.sun_path)
		return unusable(path, "the path is too long for a socket");
	memcpy(name.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	if (errno == ENOENT || errno == ECONNREFUSED)
		unusable(path, "covend is not running here (another socket: -s SOCKET)");
	else
		unusable(path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The request as a line, to be freed; NULL: a word is not UTF-8, or no memory. */
static char *
request_line(int count, char **words)
{
	json_t *list = json_array(), *request = json_object();
	char *text = NULL, *line = NULL;
	bool good = list && request;

	for (int i = 0; good && i < count; i++)
		good = json_array_append_new(list, json_string(words[i])) == 0;
	if (good && json_object_set(request, "words", list) == 0)
		text = json_dumps(request, JSON_COMPACT);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(list);
	json_decref(request);
	return line;
}

static int
send_all(int fd, const char *line)
{
	size_t length = strlen(line), sent = 0;

	while (sent < length) {
		ssize_t n = send(fd, line + sent, length - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			sent += (size_t)n;
	}
	return 0;
}

/* Up to the line end; NULL: the connection ended before. */
static char *
receive_line(int fd, size_t *length)
{
	size_t size = 0, have = 0;
	char *line = NULL, *more;

	for (;;) {
		ssize_t n;

		if (have == size) {
			size = size ? size * 2 : ANSWER_FIRST;
			more = size <= ANSWER_MAX ? realloc(line, size) : NULL;
			if (!more)
				break;
			line = more;
		}
		n = recv(fd, line + have, size - have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		if (line[have - 1] == '\n') {
			*length = have;
			return line;
		}
	}
	free(line);
	return NULL;
}

static json_t *
ask(const char *path, int fd, const char *request)
{
	json_t *answer = NULL;
	size_t length;
	char *line;

	if (send_all(fd, request) < 0 && errno != EPIPE) {
		unusable(path, strerror(errno));
		return NULL;
	}
	line = receive_line(fd, &length);
	if (line)
		answer = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	if (!json_is_object(answer)) {
		unusable(path, line ? "the answer is not covend's" : "covend has closed the connection without an answer");
		json_decref(answer);
		answer = NULL;
	}
	free(line);
	return answer;
}

static int
print_json(const json_t *answer)
{
	const char *name = json_string_value(json_object_get(answer, "name"));
	json_t *whole = json_object();
	int rc;

	json_object_set(whole, name ? name : "rows", json_object_get(answer, "rows"));
	rc = json_dumpf(whole, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(whole);
	return rc;
}

static int
print_answer(const json_t *answer, bool as_json)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (!json_is_true(json_object_get(answer, "ok"))) {
		fputs("covenctl: ", stderr);
		sheet_print_text(error ? error : "refused", stderr);
		fputc('\n', stderr);
		return CTL_REFUSED;
	}
	if (as_json)
		print_json(answer);
	else
		sheet_print(json_object_get(answer, "rows"), stdout);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return CTL_GOOD;
	fprintf(stderr, "covenctl: cannot write the answer: %s\n", strerror(errno));
	return CTL_UNUSABLE;
}

static int
run(const char *path, bool as_json, int count, char **words)
{
	char *request = request_line(count, words);
	json_t *answer = NULL;
	int fd = -1, code = CTL_UNUSABLE;

	if (request)
		fd = connect_to(path);
	else
		fputs("covenctl: the words must be UTF-8\n", stderr);
	if (fd >= 0) {
		answer = ask(path, fd, request);
		close(fd);
	}
	if (answer)
		code = print_answer(answer, as_json);
	json_decref(answer);
	free(request);
	return code;
}

static void
help(FILE *to)
{
	fputs("usage: covenctl [-s SOCKET] [--json] COMMAND [WORD...]\n"
	      "\n"
	      "  -s, --socket SOCKET  of the server ($COVEN_CONTROL, or " SOCKET_DEFAULT ")\n"
	      "  -j, --json           print the answer as JSON\n"
	      "      --help, --version\n"
	      "\n"
	      "\"covenctl help\" lists the commands of the server that is running.\n"
	      "Exit codes: 0 done, 1 the server refused, 2 it could not be asked.\n",
	      to);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' }, { "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },      { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = getenv("COVEN_CONTROL");
	bool as_json = false;
	int c;

	/* "+": options behind the command are the command's */
	while ((c = getopt_long(argc, argv, "+s:jh", options, NULL)) != -1)
		switch (c) {
		case 's':
			path = optarg;
			break;
		case 'j':
			as_json = true;
			break;
		case 'V':
			puts("covenctl " COVEN_VERSION);
			return CTL_GOOD;
		case 'h':
			help(stdout);
			return CTL_GOOD;
		default:
			fputs("covenctl: try --help\n", stderr);
			return CTL_UNUSABLE;
		}
	if (optind == argc) {
		help(stderr);
		return CTL_UNUSABLE;
	}
	return run(path && *path ? path : SOCKET_DEFAULT, as_json, argc - optind, argv + optind);
}
