/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows become text one by one, so that a long answer does not stand in memory as a tree. */
#include "host/out.h"
#include "base/text.h"
#include "host/host.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_FIRST 1024 /* bytes of the first piece of memory */

struct coven_out {
	void (*done)(void *arg, struct coven_out *out);
	void (*more)(void *arg, struct coven_out *out);
	void *arg;
	void (*enough)(void *arg, struct coven_out *out); /* of a stream */
	void (*drained)(void *arg, struct coven_out *out);
	void *stream_arg;
	struct coven_instance *in; /* whose command this is; NULL: the server's own */
	struct list link;          /* in in->outs */
	struct work going;         /* flushed, and the reader has taken it */
	coven_fn *go_on;           /* NULL: nobody waits for that */
	void *go_on_arg;
	const char *name;
	json_t *row;        /* being filled, or NULL */
	char *rows;         /* those that are complete: "{...},{...}" */
	size_t length, size;
	char error[OUT_ERROR_MAX];
	int status;
	bool entered, ended, too_long, stream, pushed;
};

struct coven_out *
out_new(void (*done)(void *arg, struct coven_out *out), void *arg)
{
	struct coven_out *out = calloc(1, sizeof *out);

	if (!out)
		return NULL;
	out->done = done;
	out->arg = arg;
	out->name = "rows";
	return out;
}

void
out_name(struct coven_out *out, const char *name)
{
	out->name = name;
}

bool
out_is_empty(const struct coven_out *out)
{
	return !out->row && !out->length;
}

void
coven_name_rows(struct coven_out *out, const char *name)
{
	out_name(out, name);
}

__attribute__((format(printf, 2, 0))) static void
set_error(struct coven_out *out, const char *fmt, va_list list)
{
	if (!*out->error)
		vsnprintf(out->error, sizeof out->error, fmt, list);
}

void
out_error(struct coven_out *out, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	set_error(out, fmt, list);
	va_end(list);
}

void
coven_error(struct coven_out *out, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	set_error(out, fmt, list);
	va_end(list);
}

/* -- bytes */

static void
append(struct coven_out *out, const char *text, size_t length)
{
	size_t size = out->size ? out->size : OUT_FIRST;
	char *more;

	if (!out->done)
		return; /* nobody reads it */
	if (out->too_long || length > OUT_BYTES_MAX - out->length) {
		out->too_long = true;
		return;
	}
	while (size - out->length < length)
		size *= 2;
	if (size != out->size) {
		more = realloc(out->rows, size);
		if (!more) {
			out->too_long = true;
			return;
		}
		out->rows = more;
		out->size = size;
	}
	memcpy(out->rows + out->length, text, length);
	out->length += length;
}

static void
close_row(struct coven_out *out)
{
	char *text = out->row ? json_dumps(out->row, JSON_COMPACT) : NULL;

	if (text) {
		if (out->length)
			append(out, ",", 1);
		append(out, text, strlen(text));
		free(text);
	}
	json_decref(out->row);
	out->row = NULL;
}

/* JSON is UTF-8, and what came over the network need not be. */
static json_t *
json_text(struct coven_slice s)
{
	json_t *text = json_stringn(s.at ? s.at : "", s.length);
	char *plain;

	if (text)
		return text;
	plain = malloc(s.length + 1);
	if (!plain)
		return NULL;
	for (size_t i = 0; i < s.length; i++)
		plain[i] = (unsigned char)s.at[i] < 0x80 ? s.at[i] : '?';
	text = json_stringn(plain, s.length);
	free(plain);
	return text;
}

/* Takes the value; a field that cannot be written is left out. */
static void
put(struct coven_out *out, const char *field, json_t *value)
{
	if (!out->row)
		out->row = json_object();
	if (!out->row || !value || json_object_set(out->row, field, value))
		out->too_long |= !value;
	json_decref(value);
}

/* -- for plugins */

void
coven_row(struct coven_out *out)
{
	close_row(out);
	out->row = json_object();
}

void
coven_put_text(struct coven_out *out, const char *field, struct coven_slice value)
{
	put(out, field, json_text(value));
}

void
coven_put_number(struct coven_out *out, const char *field, int64_t value)
{
	put(out, field, json_integer(value));
}

void
coven_put_bool(struct coven_out *out, const char *field, bool value)
{
	put(out, field, json_boolean(value));
}

/* -- pieces */

static void
go_on(struct work *w)
{
	struct coven_out *out = CONTAINER(w, struct coven_out, going);
	coven_fn *fn = out->go_on;

	out->go_on = NULL;
	fn(out->in, out->go_on_arg);
}

static void
go_on_later(struct coven_out *out)
{
	if (out->go_on)
		work_start(out->in->host->loop, &out->going, go_on);
}

void
coven_flush(struct coven_instance *in, struct coven_out *out, coven_fn *fn, void *arg)
{
	if (!out->in)
		return; /* of a plugin that has stopped */
	out->go_on = fn;
	out->go_on_arg = arg;
	if (out->done && out->more)
		out_push(out);
	else
		go_on_later(out);
}

bool
coven_heard(const struct coven_out *out)
{
	return out->done != NULL;
}

void
out_own(struct coven_out *out, struct coven_instance *in)
{
	if (!list_linked(&in->outs))
		list_init(&in->outs);
	out->in = in;
	list_append(&in->outs, &out->link);
}

void
out_purge(struct coven_instance *in)
{
	while (list_linked(&in->outs) && !list_empty(&in->outs)) {
		struct coven_out *out = CONTAINER(in->outs.next, struct coven_out, link);

		out_error(out, "the plugin has been stopped");
		coven_end(out, 1);
	}
}

void
out_on_more(struct coven_out *out, void (*more)(void *arg, struct coven_out *out))
{
	out->more = more;
}

void
out_push(struct coven_out *out)
{
	close_row(out);
	out->pushed = true;
	if (out->done && out->more)
		out->more(out->arg, out);
}

void
out_taken(struct coven_out *out)
{
	go_on_later(out);
	if (out->enough && out->drained)
		out->drained(out->stream_arg, out);
}

/* The reader has gone. */
void
out_forget(struct coven_out *out)
{
	out->done = NULL;
	out->length = 0;
	go_on_later(out);
	out_enough(out);
}

/* -- streams */

void
out_stream(struct coven_out *out, void (*enough)(void *arg, struct coven_out *out),
           void (*drained)(void *arg, struct coven_out *out), void *arg)
{
	out->stream = true;
	out->enough = enough;
	out->drained = drained;
	out->stream_arg = arg;
}

bool
out_is_stream(const struct coven_out *out)
{
	return out->stream;
}

void
out_enough(struct coven_out *out)
{
	void (*enough)(void *arg, struct coven_out *out) = out->enough;

	out->enough = NULL;
	if (enough)
		enough(out->stream_arg, out);
}

size_t
out_waiting(const struct coven_out *out)
{
	return out->length;
}

/* -- the end */

static void
finish(struct coven_out *out)
{
	close_row(out);
	if (out->in)
		work_stop(out->in->host->loop, &out->going);
	list_remove(&out->link);
	if (out->done)
		out->done(out->arg, out);
	free(out->rows);
	free(out);
}

void
coven_end(struct coven_out *out, int exit_status)
{
	if (out->ended)
		return;
	out->ended = true;
	out->status = exit_status;
	if (!out->entered)
		finish(out);
}

void
out_enter(struct coven_out *out)
{
	out->entered = true;
}

void
out_leave(struct coven_out *out, enum coven_verdict verdict)
{
	out->entered = false;
	if (out->ended) {
		finish(out);
		return;
	}
	if (verdict == COVEN_WAIT)
		return;
	if (verdict == COVEN_NEXT)
		coven_end(out, OUT_USAGE);
	else
		coven_end(out, verdict == COVEN_DONE && !*out->error ? 0 : 1);
}

static char *rows_line(struct coven_out *out, const char *kind, size_t *length);

/* With the rows there are: of many mistakes, each is one. */
static char *
error_line(struct coven_out *out, size_t *length)
{
	const char *why = *out->error ? out->error : out->too_long ? "the answer is too long" : "the command failed";
	json_t *text = json_text(text_of(why));
	char *quoted = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL, *kind = NULL, *line = NULL;

	*length = 0;
	if (out->too_long)
		out->length = 0;
	if (quoted && asprintf(&kind, "\"ok\":false,\"status\":%d,\"error\":%s", out->status ? out->status : 1, quoted) < 0)
		kind = NULL;
	if (kind && out->length)
		line = rows_line(out, kind, length);
	else if (kind && asprintf(&line, "{%s}\n", kind) < 0)
		line = NULL;
	else if (kind)
		*length = strlen(line);
	free(kind);
	free(quoted);
	json_decref(text);
	return line;
}

static char *
rows_line(struct coven_out *out, const char *kind, size_t *length)
{
	static const char frame[] = "{%s,\"name\":\"%.64s\",\"rows\":[";
	size_t size = strlen(kind) + sizeof frame + 64, head;
	char *line = malloc(size + out->length + 4);

	*length = 0;
	if (!line)
		return NULL;
	head = (size_t)snprintf(line, size, frame, kind, out->name);
	if (out->length)
		memcpy(line + head, out->rows, out->length);
	memcpy(line + head + out->length, "]}\n", 4);
	*length = head + out->length + 3;
	return line;
}

char *
out_line(struct coven_out *out, size_t *length)
{
	if (out->status || *out->error || out->too_long)
		return error_line(out, length);
	return rows_line(out, out->stream ? "\"ok\":true,\"stream\":true" : "\"ok\":true", length);
}

char *
out_piece(struct coven_out *out, size_t *length)
{
	char *line;

	*length = 0;
	if (!out->pushed)
		return NULL;
	out->pushed = false;
	line = rows_line(out, out->stream ? "\"more\":true,\"stream\":true" : "\"more\":true", length);
	out->length = 0;
	return line;
}
