/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes in on a stream: read, cut into messages, handed up. */
#include "net/inside.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTAKE_READS 4    /* system calls of one stream before others have their turn */
#define INTAKE_FIRST 2048 /* bytes held at first for a message that is not whole */

void
stream_intake_free(struct stream *s)
{
	s->net->streams.in_bytes -= s->in_size;
	free(s->in);
	s->in = NULL;
	s->in_length = s->in_size = 0;
}

/* Makes room for `size` bytes at least: what has come counts, not what was promised.  -1: no memory, or this worker holds enough. */
static int
reserve(struct stream *s, size_t size)
{
	size_t room = s->in_size ? s->in_size : INTAKE_FIRST;
	size_t max = FRAME_HEAD_MAX + s->net->shared->limits.body;
	char *in;

	if (size <= s->in_size)
		return 0;
	while (room < size)
		room *= 2;
	if (room > max)
		room = max;
	assert(size <= room);
	if (s->net->streams.in_bytes + (room - s->in_size) > NET_INPUT_MAX)
		return -1;
	in = realloc(s->in, room);
	if (!in)
		return -1;
	s->net->streams.in_bytes += room - s->in_size;
	s->in = in;
	s->in_size = room;
	return 0;
}

static struct net_packet
packet_of(const struct stream *s, const char *bytes, size_t length)
{
	return (struct net_packet){
		.bytes = bytes,
		.length = length,
		.flow = s->flow,
		.transport = s->transport,
		.near_end = s->net->shared->listeners[s->listener].address,
		.far_end = s->far_end,
		.listener = s->listener,
	};
}

static void
hand_up(struct stream *s, const char *bytes, size_t length)
{
	struct net_packet packet = packet_of(s, bytes, length);

	net_count(&s->net->counters.received, 1);
	s->net->up.message(s->net->arg, &packet);
}

/* What is not SIP has no end that we could find. */
static void
hand_up_other(struct stream *s, const char *bytes, size_t length)
{
	struct net_packet packet = packet_of(s, bytes, length);

	net_count(&s->net->counters.dropped, 1);
	if (s->net->up.other)
		s->net->up.other(s->net->arg, &packet);
	stream_end(s, "not SIP", true);
}

static void
hand_up_broken(struct stream *s, const char *bytes, const struct frame_result *r)
{
	struct net_packet packet = packet_of(s, bytes, r->length);

	net_count(&s->net->counters.dropped, 1);
	if (s->net->up.broken)
		s->net->up.broken(s->net->arg, &packet,
		                  r->kind == FRAME_BAD ? NET_BAD_LENGTH : NET_TOO_LARGE);
	stream_end(s, r->kind == FRAME_BAD ? "bad Content-Length" : "message too large",
	           true);
}

/* Gives how many bytes were taken; 0: more must come, or the stream has ended. */
static size_t
take_one(struct stream *s, const char *bytes, size_t length)
{
	struct frame_result r =
		frame_next(&s->frame, bytes, length, s->net->shared->limits.body);

	switch (r.kind) {
	case FRAME_MORE:
		return 0;
	case FRAME_MESSAGE:
		hand_up(s, bytes, r.length);
		return r.length;
	case FRAME_BLANK:
		if (r.ping)
			stream_send(s, TEXT("\r\n"), NULL);
		return r.length;
	case FRAME_OTHER:
		hand_up_other(s, bytes, length);
		return 0;
	case FRAME_BAD:
	case FRAME_LARGE:
		hand_up_broken(s, bytes, &r);
		return 0;
	}
	return 0;
}

/* Keeps the bytes at the start of the stream's own room; they may be there already,
 * further back. */
static int
keep(struct stream *s, const char *bytes, size_t length)
{
	if (length == 0) {
		stream_intake_free(s);
		return 0;
	}
	if (s->in && bytes >= s->in && bytes < s->in + s->in_size) {
		if (bytes != s->in)
			memmove(s->in, bytes, length);
	} else {
		if (reserve(s, length))
			return -1;
		memcpy(s->in, bytes, length);
	}
	s->in_length = length;
	return 0;
}

static void
on_slow(struct timer *t)
{
	stream_end(CONTAINER(t, struct stream, deadline), "message not whole in time",
	           false);
}

/* A large body is not to be lost to a slow line: its time is longer, once. */
static int64_t
time_of(const struct stream *s)
{
	uint32_t body = s->frame.head ? s->frame.body : 0;

	return NET_HEAD_MS + (body > NET_BODY_QUICK ? (body - NET_BODY_QUICK) / NET_BODY_RATE : 0);
}

/* The time for a message runs from its first byte, and no further byte moves it. */
static void
watch_time(struct stream *s, bool fresh)
{
	bool large = time_of(s) > NET_HEAD_MS;

	if (s->in_length == 0 || s->paused)
		timer_stop(s->net->loop, &s->deadline);
	else if (fresh || !timer_running(&s->deadline) || (large && !s->large))
		timer_start(s->net->loop, &s->deadline, time_of(s), on_slow);
	s->large = large;
}

static bool
goes_on(const struct stream *s)
{
	return s->state == STREAM_OPEN && !s->paused;
}

static void
take_all(struct stream *s, const char *bytes, size_t length)
{
	size_t at = 0, taken = 1;

	while (at < length && taken && goes_on(s)) {
		taken = take_one(s, bytes + at, length - at);
		at += taken;
	}
	if (s->state != STREAM_OPEN)
		return;
	if (keep(s, bytes + at, length - at))
		stream_end(s, "no room for a message", false);
	else
		watch_time(s, at > 0);
}

/* One read.  True: there may be more. */
static bool
read_once(struct stream *s)
{
	bool held = s->in_length > 0, more;
	char *room;
	size_t size;
	ssize_t n;

	if (held && reserve(s, s->in_length + 1)) {
		stream_end(s, "no room for a message", false);
		return false;
	}
	room = held ? s->in + s->in_length : s->net->streams.scratch;
	size = held ? s->in_size - s->in_length : STREAM_SCRATCH;
	n = s->wire->read(s, room, size, &more);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			stream_end(s, strerrordesc_np(errno), false);
		return false;
	}
	if (n == 0) {
		/* What was answered to its last bytes may still reach a far end that
		 * shut down one way. */
		stream_end(s, "closed by the far end", true);
		return false;
	}
	s->active = loop_now(s->net->loop);
	take_all(s, held ? s->in : room, s->in_length + (size_t)n);
	return more;
}

void
stream_read(struct stream *s)
{
	/* What is pending on the wire is bounded by its records. */
	for (unsigned n = 0; (n < INTAKE_READS || s->wire->pending(s)) && goes_on(s) && read_once(s); n++)
		;
}

void
stream_read_rest(struct stream *s)
{
	if (s->in_length)
		take_all(s, s->in, s->in_length);
}
