/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message read as datagram and as stream: the index stays inside, every value can be
 * walked, a reply to it can be built and is itself a good message. */
#include "base/text.h"
#include "sip/reply.h"
#include "sip/scan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sip_scratch scratch, again;

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
check_span(const struct sip_message *m, struct sip_span span)
{
	check(span.at <= m->length && span.length <= m->length - span.at);
}

static void
check_index(const struct sip_message *m, size_t size)
{
	size_t i;

	check(m->length <= size && m->head <= m->length && m->first_line <= m->head);
	check(m->field_count <= SIP_FIELDS_MAX);
	check_span(m, m->body);
	for (i = 0; i < m->field_count; i++) {
		const struct sip_field *f = &m->fields[i];

		check(f->line < f->end && f->end <= m->head);
		check(f->name.at == f->line && f->value.at > f->line);
		check(f->value.at + f->value.length <= f->end - 2);
		check(f->next == 0 || (f->next > i + 1 && f->next <= m->field_count));
	}
}

static void
check_walks(const struct sip_message *m)
{
	struct sip_walk w;
	size_t id, values;

	for (id = SIP_VIA; id < SIP_HEADERS; id++) {
		values = 0;
		for (sip_walk(&w, m, (enum sip_header)id, TEXT("")); sip_walk_next(&w);
		     values++) {
			const struct sip_field *f = &m->fields[w.field];

			check(f->id == id && w.value.at >= f->value.at);
			check(w.value.at + w.value.length <=
			      f->value.at + f->value.length);
			check(w.value.length > 0 ||
			      !sip_header_is_list((enum sip_header)id));
		}
		check(!sip_header_is_list((enum sip_header)id) ||
		      values <= SIP_VALUES_MAX);
		check((values > 0) <= sip_has(m, (enum sip_header)id));
	}
}

/* Few enough parameters to have room for tag, received and rport. */
static bool
has_room(const struct sip_message *m)
{
	size_t i, count = 0;

	for (i = 0; i < m->head; i++)
		count += m->bytes[i] == ';';
	return count < SIP_PARAMS_MAX - 2 && m->head < SIP_VALUE_MAX - 200;
}

static void
check_reply(const struct sip_message *m, bool good, struct arena *arena)
{
	struct coven_address source = { { 192, 0, 2, 1 }, 5060, 4, 0 };
	struct reply r = { .request = m,
			   .source = &source,
			   .status = good ? 200 : 400,
			   .to_tag = TEXT("tag"),
			   .record_route = true };
	struct coven_slice bytes;
	struct sip_message reply;
	struct sip_fault fault;

	if (m->head & 1)
		source = (struct coven_address){
			{ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 40000, 6, 0
		};
	bytes = reply_build(&r, arena);
	check(bytes.at != NULL);
	if (sip_scan(&reply, bytes.at, bytes.length, true, &again, &fault) == 0)
		check(reply.status == r.status && (!good || reply.to_tag.length));
	else
		check(fault.status == 0 &&
		      strcmp(fault.why, "control byte in the head") != 0 &&
		      !(good && has_room(m)));
}

static void
run(const uint8_t *data, size_t size, bool stream, struct arena *arena)
{
	struct sip_message m, copy;
	struct sip_fault fault;
	int result = sip_scan(&m, (const char *)data, size, stream, &scratch, &fault);

	check_index(&m, size);
	check((result == 0) == (fault.why == NULL));
	if (result < 0 && fault.status == 0)
		return;
	if (m.status == 0)
		check_reply(&m, result == 0, arena);
	if (result < 0)
		return;
	check_walks(&m);
	check(m.content_length < 0 || m.content_length == m.body.length);
	check(!stream || m.length == size);
	check(sip_copy(&copy, &m, arena) == 0);
	check_walks(&copy);
	/* what was accepted is accepted again from its own bytes */
	check(sip_scan(&copy, copy.bytes, copy.length, false, &again, &fault) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena_pool *pool = arena_pool_new(4);
	struct arena *arena = arena_new(pool);

	run(data, size, false, arena);
	run(data, size, true, arena);
	arena_free(arena);
	arena_pool_free(pool);
	return 0;
}
