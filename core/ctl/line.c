/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connects to the control socket, writes requests, and cuts what comes into lines. */
#include "ctl/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOM_FIRST 65536

static int
unusable(const char *path, const char *why)
{
	fprintf(stderr, "covenctl: %s: %s\n", path, why);
	return -1;
}

int
line_open(struct line *l, const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	*l = (struct line){ .path = path, .fd = -1 };
	if (strlen(path) >= sizeof name.sun_path)
		return unusable(path, "the path is too long for a socket");
	memcpy(name.sun_path, path, strlen(path) + 1);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd >= 0 && connect(l->fd, (const struct sockaddr *)&name, sizeof name) == 0)
		return 0;
	if (errno == ENOENT || errno == ECONNREFUSED)
		unusable(path, "covend is not running here (another socket: -s SOCKET)");
	else
		unusable(path, strerror(errno));
	line_close(l);
	return -1;
}

void
line_close(struct line *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	free(l->room);
	l->room = NULL;
}

static int
send_all(int fd, const char *text, size_t length)
{
	for (size_t sent = 0; sent < length;) {
		ssize_t n = send(fd, text + sent, length - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			sent += (size_t)n;
	}
	return 0;
}

int
line_ask(struct line *l, size_t count, const char *const *words)
{
	json_t *list = json_array(), *request = json_object();
	bool good = list && request;
	char *text = NULL, *line = NULL;
	int length = -1;

	for (size_t i = 0; good && i < count; i++)
		good = json_array_append_new(list, json_string(words[i])) == 0;
	if (good && json_object_set(request, "words", list) == 0)
		text = json_dumps(request, JSON_COMPACT);
	json_decref(list);
	json_decref(request);
	if (text)
		length = asprintf(&line, "%s\n", text);
	free(text);
	if (length < 0) {
		fputs("covenctl: the words must be UTF-8\n", stderr);
		return -1;
	}
	/* who was refused at the door finds the reason in what comes */
	if (send_all(l->fd, line, (size_t)length) < 0 && errno != EPIPE)
		length = unusable(l->path, strerror(errno));
	free(line);
	return length < 0 ? -1 : 0;
}

/* Room for more behind what is there.  -1: there may be no more. */
static int
grow(struct line *l)
{
	size_t size = l->size ? l->size * 2 : ROOM_FIRST;
	char *more;

	if (l->at) {
		memmove(l->room, l->room + l->at, l->have - l->at);
		l->have -= l->at;
		l->at = 0;
	}
	if (l->have < l->size)
		return 0;
	more = size <= LINE_MAX_BYTES ? realloc(l->room, size) : NULL;
	if (!more)
		return -1;
	l->room = more;
	l->size = size;
	return 0;
}

/* Bytes of the line at l->at with its end; 0: none, *why says it, or it is NULL: a signal. */
static size_t
take_line(struct line *l, const volatile int *stop, const char **why)
{
	size_t seen = l->at;

	*why = NULL;
	for (;;) {
		char *end = l->have > seen ? memchr(l->room + seen, '\n', l->have - seen) : NULL;
		ssize_t n;

		if (end)
			return (size_t)(end - l->room) + 1 - l->at;
		seen = l->have - l->at;
		*why = "the answer is too long";
		if (l->have == l->size && grow(l) < 0)
			return 0;
		seen += l->at;
		*why = NULL;
		if (stop && *stop)
			return 0;
		n = recv(l->fd, l->room + l->have, l->size - l->have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		*why = n < 0 ? strerror(errno) : "covend has closed the connection without an answer";
		if (n <= 0)
			return 0;
		l->have += (size_t)n;
	}
}

json_t *
line_receive(struct line *l, const volatile int *stop)
{
	const char *why;
	size_t length = take_line(l, stop, &why);
	json_t *answer = NULL;

	if (length) {
		answer = json_loadb(l->room + l->at, length, JSON_ALLOW_NUL, NULL);
		l->at += length;
		why = "the answer is not covend's";
	}
	if (json_is_object(answer))
		return answer;
	json_decref(answer);
	if (why)
		unusable(l->path, why);
	return NULL;
}
