/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact: the structure of a Contact value, by libosipparser2; the URI stays the bytes that came. */
#include "base/text.h"
#include "host/state.h"
#include "sip/value.h"

/* A fold is a blank: RFC 3261 7.3.1.  The library would take a lone CR for the end of a header. */
static struct coven_slice
unfolded(struct coven_slice value, struct arena *arena)
{
	struct coven_slice copy = arena_dup(arena, value);
	char *at = (char *)(uintptr_t)copy.at;

	for (size_t i = 0; i < copy.length; i++)
		if (at[i] == '\r' || at[i] == '\n')
			at[i] = ' ';
	return copy;
}

static int
read_params(osip_list_t *list, struct arena *arena, struct coven_contact *contact)
{
	int count = osip_list_size(list);
	struct coven_param *params = arena_zero(arena, (size_t)(count > 0 ? count : 1) * sizeof *params);

	if (!params)
		return -1;
	for (int i = 0; i < count; i++) {
		const osip_generic_param_t *p = osip_list_get(list, i);
		params[i] = (struct coven_param){ text_of(p->gname), text_trim(text_of(p->gvalue)) };
	}
	contact->params = params;
	contact->count = count > 0 ? (size_t)count : 0;
	return 0;
}

int
coven_contact_read(struct coven_request *req, struct coven_slice value, struct coven_contact *contact)
{
	struct sip_name_addr na;
	struct coven_slice copy;
	osip_contact_t *read;

	if (name_addr_parse(value, &na) != 0)
		return -1;
	copy = unfolded(value, req->arena);
	read = copy.at ? value_contact(copy, req->arena) : NULL;
	if (!read || read_params(&read->gen_params, req->arena, contact) != 0)
		return -1;
	contact->uri = na.uri;
	return 0;
}
