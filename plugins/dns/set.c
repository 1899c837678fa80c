/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: one piece of memory for all of it. */
#include "set.h"

#include <stdlib.h>
#include <string.h>

static char *
put_text(char **at, const char *text, size_t most)
{
	char *here = *at;
	size_t length = strnlen(text, most);

	memcpy(here, text, length);
	here[length] = 0;
	*at += length + 1;
	return here;
}

struct set *
set_new(const char *name, uint16_t type, enum set_state state, const struct wire_answer *answer, const char *why)
{
	size_t count = answer && state == SET_FOUND ? answer->count : 0;
	char owner[WIRE_HOST_MAX + 1] = "", *at;
	struct set *set;
	size_t size;

	if (!why)
		why = "";
	if (answer && answer->aliased && wire_name_text(&answer->owner, owner) != 0)
		*owner = 0;
	size = sizeof *set + count * sizeof *set->rdata + strlen(name) + strlen(owner) + strnlen(why, SET_WHY_MAX) + 3;
	for (size_t i = 0; i < count; i++)
		size += answer->rdata[i].length;
	set = malloc(size);
	if (!set)
		return NULL;
	*set = (struct set){ .references = 1, .type = type, .state = (uint8_t)state, .size = size, .count = count };
	at = (char *)&set->rdata[count];
	set->name = put_text(&at, name, WIRE_HOST_MAX);
	set->owner = put_text(&at, owner, WIRE_HOST_MAX);
	set->why = put_text(&at, why, SET_WHY_MAX);
	if (answer) {
		set->ttl = answer->ttl;
		set->aliased = answer->aliased;
		if (!answer->aliased)
			set->owner = set->name;
	}
	for (size_t i = 0; i < count; i++) {
		set->rdata[i] = (struct coven_slice){ at, answer->rdata[i].length };
		memcpy(at, answer->rdata[i].at, answer->rdata[i].length);
		at += answer->rdata[i].length;
	}
	return set;
}

void
set_done(struct set *set)
{
	if (set && --set->references == 0)
		free(set);
}
