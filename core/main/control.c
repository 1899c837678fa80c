/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients of the control socket.  Each has one request at a time: while its command runs or its answer is on the way,
 * nothing more is read from it, so that neither side can fill our memory. */
#include "main/control.h"
#include "base/log.h"
#include "base/text.h"
#include "host/command_line.h"
#include "main/control_socket.h"
#include "main/drain.h"
#include "main/reload.h"
#include "main/upgrade.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_ROOM 4096
#define ACCEPT_PAUSE 1000 /* ms without new clients when descriptors have run out */

struct control {
	struct command_server server;
	struct worker_set *workers;
	struct loop *loop;
	char *path;
	uid_t user;
	int fd;
	struct watch *watch;
	struct timer pause;
	bool left; /* its name is somebody else's: not ours yet, or no more */
	struct list clients;
	unsigned count;
};

struct control_client {
	struct list link;
	struct control *control;
	int fd;
	struct watch *watch;
	char *in;                /* what has come and is not yet handled */
	size_t in_length;
	struct coven_out *out;   /* the command that runs, or NULL */
	char *line;              /* the answer, or a piece of it, that is being sent, or NULL */
	size_t line_length, sent;
	char *last;              /* the end of the answer, behind a piece that is being sent */
	size_t last_length;
	struct work going;       /* something to send has come up */
	bool ended, closing;     /* the far end has no more to say; close once the answer has gone */
};

static void
client_free(struct control_client *cl)
{
	if (cl->out)
		out_forget(cl->out);
	work_stop(cl->control->loop, &cl->going);
	if (cl->watch)
		watch_free(cl->watch);
	close(cl->fd);
	list_remove(&cl->link);
	cl->control->count--;
	free(cl->in);
	free(cl->line);
	free(cl->last);
	free(cl);
}

/* -- answers */

/* Neither SIGPIPE nor waiting.  -1: the far end has gone. */
static int
client_send(struct control_client *cl)
{
	while (cl->sent < cl->line_length) {
		ssize_t n = send(cl->fd, cl->line + cl->sent, cl->line_length - cl->sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		cl->sent += (size_t)n;
	}
	free(cl->line);
	cl->line = NULL;
	return 0;
}

static void
client_answer(struct control_client *cl, char *line, size_t length)
{
	cl->closing |= !line;
	if (cl->line) {
		cl->last = line;
		cl->last_length = length;
		return;
	}
	cl->line = line;
	cl->line_length = length;
	cl->sent = 0;
}

/* What comes behind the line that has left: the end of the answer, or its next piece. */
static void
client_next(struct control_client *cl)
{
	size_t length = cl->last_length;
	char *line = cl->last;

	if (!line && cl->out)
		line = out_piece(cl->out, &length);
	cl->last = NULL;
	if (line)
		client_answer(cl, line, length);
}

static void
client_refuse(struct control_client *cl, const char *why)
{
	char *line;
	int length = asprintf(&line, "{\"ok\":false,\"status\":1,\"error\":\"%s\"}\n", why);

	cl->closing = true;
	client_answer(cl, length < 0 ? NULL : line, length < 0 ? 0 : (size_t)length);
}

/* -- requests */

static void client_go_on(struct control_client *cl);

static void
client_go_on_later(struct work *w)
{
	client_go_on(CONTAINER(w, struct control_client, going));
}

/* Not at once: it may be the command that calls. */
static void
client_more(void *arg, struct coven_out *out)
{
	struct control_client *cl = arg;

	work_start(cl->control->loop, &cl->going, client_go_on_later);
}

static void
client_done(void *arg, struct coven_out *out)
{
	struct control_client *cl = arg;
	size_t length;
	char *line = out_line(out, &length);

	cl->out = NULL;
	client_answer(cl, line, length);
	client_more(arg, out);
}

static void
run_line(struct control_client *cl, const char *line, size_t length)
{
	struct command_line c;
	const char *wrong = command_line_read(&c, line, length);
	struct coven_out *out = wrong ? NULL : out_new(client_done, cl);

	if (!out) {
		client_refuse(cl, wrong ? wrong : "no memory");
		if (!wrong)
			command_line_free(&c);
		return;
	}
	out_on_more(out, client_more);
	command_run(&cl->control->server, out, c.count, c.words);
	if (!cl->line && !cl->closing)
		cl->out = out;
	command_line_free(&c);
}

/* The next line that is there already; false: one has to wait for more. */
static bool
client_take_line(struct control_client *cl)
{
	char *end = cl->in_length ? memchr(cl->in, '\n', cl->in_length) : NULL;
	size_t length;

	if (end) {
		length = (size_t)(end - cl->in) + 1;
		run_line(cl, cl->in, length - 1);
		explicit_bzero(cl->in, length); /* it may have had a password in it */
		cl->in_length -= length;
		memmove(cl->in, cl->in + length, cl->in_length);
	} else if (cl->in_length >= CONTROL_LINE_MAX) {
		client_refuse(cl, "the line is too long");
	} else if (cl->ended && cl->in_length) {
		client_refuse(cl, "the line has no end");
	} else {
		return false;
	}
	return true;
}

/* Sends what there is to send, piece by piece.  -1: the far end has gone. */
static int
client_flush(struct control_client *cl)
{
	bool piece;

	for (;;) {
		if (!cl->line)
			client_next(cl);
		if (!cl->line)
			return 0;
		piece = cl->out != NULL;
		if (client_send(cl) < 0)
			return -1;
		if (cl->line)
			return 0;
		if (piece && cl->out)
			out_taken(cl->out);
	}
}

/* As far as it goes without waiting, and then sets what the loop is to wait for.  The client may be gone afterwards. */
static void
client_go_on(struct control_client *cl)
{
	unsigned stream;

	do {
		if (client_flush(cl) < 0) {
			client_free(cl);
			return;
		}
	} while (!cl->line && !cl->out && !cl->closing && client_take_line(cl));
	stream = cl->out && out_is_stream(cl->out) && !cl->ended ? WATCH_READ : 0;
	if (cl->line)
		watch_set(cl->watch, WATCH_WRITE | stream);
	else if (cl->out)
		watch_set(cl->watch, stream);
	else if (cl->closing || cl->ended)
		client_free(cl);
	else
		watch_set(cl->watch, WATCH_READ);
}

static bool
client_read(struct control_client *cl)
{
	char room[READ_ROOM];
	size_t left = CONTROL_LINE_MAX - cl->in_length;
	ssize_t n = recv(cl->fd, room, left < sizeof room ? left : sizeof room, 0);
	char *in;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	cl->ended = n == 0;
	if (n == 0)
		return true;
	in = realloc(cl->in, cl->in_length + (size_t)n);
	if (!in)
		return false;
	memcpy(in + cl->in_length, room, (size_t)n);
	cl->in = in;
	cl->in_length += (size_t)n;
	return true;
}

/* Whoever says something, or ends, while an answer without end comes to him, has had enough of it. */
static void
client_ready(void *arg, unsigned events)
{
	struct control_client *cl = arg;
	bool stream = cl->out && out_is_stream(cl->out) && (events & WATCH_READ);

	if ((stream || (!cl->line && !cl->out)) && !client_read(cl)) {
		client_free(cl);
		return;
	}
	if (stream && (cl->ended || cl->in_length))
		out_enough(cl->out);
	client_go_on(cl);
}

/* -- the listening socket */

static void
client_new(struct control *c, int fd)
{
	struct control_client *cl = calloc(1, sizeof *cl);

	if (!cl) {
		close(fd);
		return;
	}
	cl->control = c;
	cl->fd = fd;
	list_append(&c->clients, &cl->link);
	c->count++;
	cl->watch = watch_new(c->loop, fd, client_ready, cl);
	if (!cl->watch) {
		client_free(cl);
		return;
	}
	if (!control_socket_trusts(fd, c->user))
		client_refuse(cl, "only root and the server's own user may ask");
	else if (c->count > CONTROL_CLIENTS_MAX)
		client_refuse(cl, "too many clients");
	client_go_on(cl);
}

static void
accept_again(struct timer *t)
{
	watch_set(CONTAINER(t, struct control, pause)->watch, WATCH_READ);
}

static void
on_client(void *arg, unsigned events)
{
	struct control *c = arg;
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		client_new(c, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	log_line(LOG_LEVEL_WARN, "control", "no new clients for a second: %s", strerror(errno));
	watch_set(c->watch, 0);
	timer_start(c->loop, &c->pause, ACCEPT_PAUSE, accept_again);
}

static void
stop_server(void *arg)
{
	struct control *c = arg;

	log_line(LOG_LEVEL_INFO, "control", "told to stop");
	drain_start(c->workers->drain);
}

static void
upgrade_server(void *arg, struct coven_out *out)
{
	struct control *c = arg;

	log_line(LOG_LEVEL_INFO, "control", "told to upgrade");
	upgrade_start(c->workers->upgrade, out);
}

static void
reload_server(void *arg, struct coven_out *out)
{
	struct control *c = arg;

	log_line(LOG_LEVEL_INFO, "control", "told to reload");
	reload_start(c->workers->reload, out);
}

struct control *
control_open(const char *path, struct worker_set *workers, uid_t user, int inherited)
{
	struct control *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->workers = workers;
	c->loop = workers->at[0].loop;
	c->user = user;
	list_init(&c->clients);
	c->server = (struct command_server){
		.all = workers->all, .started = loop_now(c->loop), .test_clock = workers->test_clock,
		.stop = stop_server, .reload = reload_server,
		.upgrade = upgrade_server, .arg = c,
	};
	c->fd = control_socket_take(inherited, path);
	c->left = c->fd >= 0; /* until we serve it is the other's */
	if (c->fd < 0)
		c->fd = control_socket_open(path, user);
	if (c->fd >= 0)
		c->path = strdup(path);
	if (c->path)
		c->watch = watch_new(c->loop, c->fd, on_client, c);
	if (!c->watch) {
		control_close(c);
		return NULL;
	}
	watch_set(c->watch, WATCH_READ);
	return c;
}

int
control_descriptor(const struct control *c)
{
	return c->fd;
}

void
control_own(struct control *c)
{
	c->left = false;
}

void
control_leave(struct control *c)
{
	c->left = true;
	timer_stop(c->loop, &c->pause);
	watch_set(c->watch, 0);
}

void
control_close(struct control *c)
{
	LIST_EACH(&c->clients, at, after)
		client_free(CONTAINER(at, struct control_client, link));
	timer_stop(c->loop, &c->pause);
	if (c->watch)
		watch_free(c->watch);
	if (c->path && !c->left)
		unlink(c->path);
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	free(c);
}
