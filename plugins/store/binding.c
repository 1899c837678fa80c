/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One device of one AoR, in one piece of memory. */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

static void
gather(const struct coven_binding *from, struct coven_slice texts[BINDING_TEXTS])
{
	texts[BINDING_CONTACT] = from->contact;
	texts[BINDING_PATH] = from->path;
	texts[BINDING_INSTANCE] = from->instance;
	texts[BINDING_CALL_ID] = from->call_id;
	texts[BINDING_AGENT] = from->user_agent;
	texts[BINDING_WORDS] = from->words;
}

struct binding *
binding_new(const struct coven_binding *from, struct binding_clock clock)
{
	struct coven_slice texts[BINDING_TEXTS];
	struct binding *b;
	size_t size = 0;
	char *to;

	gather(from, texts);
	for (size_t i = 0; i < BINDING_TEXTS; i++) {
		if (texts[i].length > UINT16_MAX)
			return NULL;
		size += texts[i].length;
	}
	b = calloc(1, sizeof *b + size);
	if (!b)
		return NULL;
	b->flow = from->flow;
	b->until_ms = clock.now_ms + (from->expires_ms - clock.wall_ms);
	b->updated_ms = from->updated_ms ? from->updated_ms : clock.wall_ms;
	b->cseq = from->cseq;
	b->q = from->q;
	b->reg_id = from->reg_id;
	to = b->text;
	for (size_t i = 0; i < BINDING_TEXTS; i++) {
		b->length[i] = (uint16_t)texts[i].length;
		if (texts[i].length)
			memcpy(to, texts[i].at, texts[i].length);
		to += texts[i].length;
	}
	return b;
}

struct coven_slice
binding_read(const struct binding *b, enum binding_text which)
{
	const char *at = b->text;

	if (b->length[which] == 0)
		return (struct coven_slice){ NULL, 0 };
	for (size_t i = 0; i < which; i++)
		at += b->length[i];
	return (struct coven_slice){ at, b->length[which] };
}

static bool
same_text(struct coven_slice a, struct coven_slice b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool
binding_same(const struct binding *b, const struct coven_binding *other)
{
	struct coven_slice instance = binding_read(b, BINDING_INSTANCE);
	struct coven_slice contact = binding_read(b, BINDING_CONTACT);

	/* two phones behind two routers may well register the same private address */
	if (instance.length && b->reg_id && other->instance.length && other->reg_id)
		return b->reg_id == other->reg_id && same_text(instance, other->instance);
	return same_text(contact, other->contact) ||
	       coven_uri_equal(contact, other->contact);
}

bool
binding_stale(const struct binding *b, const struct coven_binding *change)
{
	return same_text(binding_read(b, BINDING_CALL_ID), change->call_id) &&
	       change->cseq <= b->cseq;
}

struct coven_binding
binding_view(const struct binding *b, struct binding_clock clock)
{
	return (struct coven_binding){
		.size = sizeof(struct coven_binding),
		.cseq = b->cseq,
		.q = b->q,
		.reg_id = b->reg_id,
		.contact = binding_read(b, BINDING_CONTACT),
		.path = binding_read(b, BINDING_PATH),
		.instance = binding_read(b, BINDING_INSTANCE),
		.call_id = binding_read(b, BINDING_CALL_ID),
		.user_agent = binding_read(b, BINDING_AGENT),
		.words = binding_read(b, BINDING_WORDS),
		.flow = b->flow,
		.expires_ms = clock.wall_ms + (b->until_ms - clock.now_ms),
		.updated_ms = b->updated_ms,
	};
}

int
binding_show(const struct binding *b, struct binding_clock clock, struct copy *copy,
	     struct coven_binding *shown)
{
	struct coven_slice *texts[BINDING_TEXTS] = { &shown->contact,  &shown->path,
						     &shown->instance, &shown->call_id,
						     &shown->user_agent, &shown->words };

	*shown = binding_view(b, clock);
	for (size_t i = 0; i < BINDING_TEXTS; i++) {
		if (!texts[i]->at)
			continue;
		*texts[i] = copy_text(copy, *texts[i]);
		if (!texts[i]->at)
			return -1;
	}
	return 0;
}
