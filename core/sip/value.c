/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value: single header values read by libosipparser2, with memory from the thread's
 * arena. */
#include "sip/value.h"
#include "base/text.h"
#include "sip/message.h"
#include <osipparser2/osip_port.h>
#include <stdlib.h>
#include <string.h>

/* The library takes three functions for the whole process, without an argument of ours.
 */
static _Thread_local struct arena *taking;

/* realloc must know how long a piece was; pieces stay aligned to 16. */
struct piece {
	size_t size;
	_Alignas(16) char bytes[];
};

static void *
hook_malloc(size_t size)
{
	struct piece *piece;

	if (taking == NULL)
		return malloc(size);
	if (size > SIZE_MAX - sizeof *piece)
		return NULL;
	piece = arena_alloc(taking, sizeof *piece + size);
	if (piece == NULL)
		return NULL;
	piece->size = size;
	return piece->bytes;
}

static void *
hook_realloc(void *old, size_t size)
{
	struct piece *piece;
	void *room;

	if (taking == NULL)
		return realloc(old, size);
	room = hook_malloc(size);
	if (room == NULL || old == NULL)
		return room;
	piece = (struct piece *)((char *)old - offsetof(struct piece, bytes));
	return memcpy(room, old, piece->size < size ? piece->size : size);
}

static void
hook_free(void *old)
{
	if (taking == NULL)
		free(old);
}

int
value_open(void)
{
	osip_trace_initialize((osip_trace_level_t)0, NULL);
	osip_set_allocators(hook_malloc, hook_realloc, hook_free);
	return parser_init() == 0 ? 0 : -1;
}

struct arena *
value_enter(struct arena *arena)
{
	struct arena *before = taking;

	taking = arena;
	return before;
}

void
value_leave(struct arena *before)
{
	taking = before;
}

/* The library needs time that grows with the square of these (facts: a second for 64 KiB
 * of parameters). */
static bool
is_bounded(struct coven_slice value)
{
	size_t i, count = 0;

	if (value.length == 0 || value.length > SIP_VALUE_MAX)
		return false;
	for (i = 0; i < value.length; i++) {
		if (value.at[i] == '\0')
			return false;
		count += value.at[i] == ';' || value.at[i] == ',';
	}
	return count <= 2 * SIP_PARAMS_MAX;
}

osip_contact_t *
value_contact(struct coven_slice value, struct arena *arena)
{
	struct arena *before;
	struct coven_slice text;
	osip_contact_t *contact = NULL;

	if (!is_bounded(value) || (text = arena_dup(arena, value)).at == NULL)
		return NULL;
	before = value_enter(arena);
	if (osip_contact_init(&contact) != 0 || osip_contact_parse(contact, text.at) != 0)
		contact = NULL;
	value_leave(before);
	return contact;
}

osip_authorization_t *
value_authorization(struct coven_slice value, struct arena *arena)
{
	struct arena *before;
	struct coven_slice text;
	osip_authorization_t *authorization = NULL;

	if (!is_bounded(value) || (text = arena_dup(arena, value)).at == NULL)
		return NULL;
	before = value_enter(arena);
	if (osip_authorization_init(&authorization) != 0 ||
	    osip_authorization_parse(authorization, text.at) != 0)
		authorization = NULL;
	value_leave(before);
	return authorization;
}
