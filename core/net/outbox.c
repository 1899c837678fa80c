/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes waiting for a stream: small messages share a chunk, and chunks a system call. */
#include "net/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUTBOX_CHUNK 4096
#define OUTBOX_PIECES 32 /* chunks of one system call */

struct chunk {
	struct list link;
	size_t from, to, size;
	char bytes[];
};

void
outbox_init(struct outbox *o)
{
	*o = (struct outbox){ .bytes = 0 };
	list_init(&o->chunks);
	list_init(&o->receipts);
}

static struct chunk *
chunk_of(struct list *link)
{
	return CONTAINER(link, struct chunk, link);
}

static void
free_chunk(struct chunk *c)
{
	list_remove(&c->link);
	free(c);
}

/* The last chunk if it has that much room, else a new one. */
static struct chunk *
chunk_for(struct outbox *o, size_t length)
{
	struct chunk *c = list_empty(&o->chunks) ? NULL : chunk_of(o->chunks.previous);
	size_t size = length > OUTBOX_CHUNK ? length : OUTBOX_CHUNK;

	if (c && c->size - c->to >= length)
		return c;
	c = malloc(sizeof *c + size);
	if (!c)
		return NULL;
	c->from = c->to = 0;
	c->size = size;
	list_append(&o->chunks, &c->link);
	return c;
}

int
outbox_put(struct outbox *o, struct coven_slice bytes, struct receipt *receipt)
{
	struct chunk *c = chunk_for(o, bytes.length);

	if (!c)
		return -1;
	memcpy(c->bytes + c->to, bytes.at, bytes.length);
	c->to += bytes.length;
	o->bytes += bytes.length;
	o->put += bytes.length;
	if (receipt) {
		receipt->end = o->put;
		list_append(&o->receipts, &receipt->link);
	}
	return 0;
}

static void
take_written(struct outbox *o, size_t length)
{
	o->bytes -= length;
	o->written += length;
	while (length) {
		struct chunk *c = chunk_of(o->chunks.next);
		size_t part = c->to - c->from < length ? c->to - c->from : length;

		c->from += part;
		length -= part;
		if (c->from == c->to)
			free_chunk(c);
	}
}

static void
answer_written(struct outbox *o, struct receipts *answers)
{
	LIST_EACH(&o->receipts, at, after) {
		struct receipt *receipt = CONTAINER(at, struct receipt, link);

		if (receipt->end > o->written)
			break;
		list_remove(at);
		receipts_answer(answers, receipt, NET_SENT);
	}
}

static ssize_t
write_once(struct outbox *o, outbox_writer *write, void *arg)
{
	struct iovec pieces[OUTBOX_PIECES];
	size_t count = 0;

	LIST_EACH(&o->chunks, at, after) {
		struct chunk *c = chunk_of(at);
		struct iovec piece = { c->bytes + c->from, c->to - c->from };

		if (count == OUTBOX_PIECES)
			break;
		pieces[count++] = piece;
	}
	return write(arg, pieces, count);
}

int
outbox_write(struct outbox *o, outbox_writer *write, void *arg, struct receipts *answers)
{
	while (o->bytes) {
		ssize_t length = write_once(o, write, arg);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno == EAGAIN ? 1 : -1;
		take_written(o, (size_t)length);
		answer_written(o, answers);
	}
	return 0;
}

void
outbox_done(struct outbox *o, struct receipts *answers, bool tell)
{
	LIST_EACH(&o->chunks, at, after)
		free_chunk(chunk_of(at));
	LIST_EACH(&o->receipts, at, after) {
		struct receipt *receipt = CONTAINER(at, struct receipt, link);

		list_remove(at);
		if (tell)
			receipts_answer(answers, receipt, NET_GONE);
		else
			receipts_drop(answers, receipt);
	}
	o->bytes = 0;
}
