/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Contacts, Expires and Path of a REGISTER become changes for the store. */
#include "wish.h"

/* What is the same for all contacts of one request. */
struct frame {
	struct coven_instance *in;
	struct coven_request *req;
	const struct coven_message *message;
	const struct wish_options *options;
	struct coven_binding common;
	struct coven_slice expires; /* the header; none: { NULL, 0 } */
	struct contact_fault *fault;
};

static int
fail(struct frame *f, int status, const char *reason)
{
	*f->fault = (struct contact_fault){ status, reason };
	return -1;
}

static uint32_t
cseq_of(struct coven_slice header)
{
	uint64_t number = 0;

	for (size_t i = 0; i < header.length; i++) {
		if (header.at[i] < '0' || header.at[i] > '9')
			break;
		number = number * 10 + (uint64_t)(header.at[i] - '0');
		if (number > UINT32_MAX)
			return UINT32_MAX;
	}
	return (uint32_t)number;
}

/* All Path values as one route set, each of them a URI that a request may be sent along.
 */
static int
read_path(struct frame *f)
{
	struct coven_slice value, *path = &f->common.path;

	for (size_t i = 0; (value = coven_header(f->message, "Path", i)).at; i++) {
		struct coven_slice uri = coven_part(value, COVEN_URI, NULL);

		if (!uri.at || !coven_uri_valid(uri) || !contact_harmless(value))
			return fail(f, 400, "Bad Path");
		if (path->length + value.length + 2 > (size_t)f->options->contact_size)
			return fail(f, 403, "Path Too Long");
		*path = coven_print(f->req, "%.*s%s%.*s", (int)path->length,
				    path->at ? path->at : "", path->at ? ", " : "",
				    (int)value.length, value.at);
		if (!path->at)
			return fail(f, 500, NULL);
	}
	return 0;
}

static int
begin(struct frame *f)
{
	struct coven_slice agent = coven_header(f->message, "User-Agent", 0);

	if (agent.length > WISH_AGENT_BYTES)
		agent.length = WISH_AGENT_BYTES;
	f->expires = coven_header(f->message, "Expires", 0);
	f->common = (struct coven_binding){
		.size = sizeof f->common,
		.cseq = cseq_of(coven_header(f->message, "CSeq", 0)),
		.q = 1000,
		.call_id = coven_header(f->message, "Call-ID", 0),
		.user_agent = contact_harmless(agent) ? agent
						      : (struct coven_slice){ NULL, 0 },
		.flow = coven_source(f->req),
		.updated_ms = coven_wall_ms(f->in),
	};
	return read_path(f);
}

/* How long, in ms; 0: remove it; -1: the fault is set. */
static int64_t
length_of(struct frame *f, const struct contact *contact)
{
	const struct wish_options *o = f->options;
	int64_t ms = o->default_expires;

	if (contact->seconds >= 0)
		ms = contact->seconds * 1000;
	else if (f->expires.at)
		ms = contact_seconds(f->expires) * 1000;
	if (ms == 0)
		return 0;
	if (ms < o->min_expires)
		return fail(f, 423, NULL);
	return ms < o->max_expires ? ms : o->max_expires;
}

static int
add(struct frame *f, struct wish *wish, uint32_t kind,
    const struct coven_binding *binding)
{
	struct coven_binding *copy = coven_alloc(f->req, sizeof *copy);

	if (!copy)
		return fail(f, 500, NULL);
	*copy = *binding;
	wish->changes[wish->count++] = (struct coven_change){ kind, copy };
	return 0;
}

static int
add_contact(struct frame *f, struct wish *wish, struct coven_slice value)
{
	struct coven_binding binding = f->common;
	struct contact contact;
	int64_t ms;

	if (contact_read(f->in, f->req, value, (size_t)f->options->contact_size, &contact,
			 f->fault) != 0)
		return -1;
	ms = length_of(f, &contact);
	if (ms < 0)
		return -1;
	binding.contact = contact.uri;
	binding.instance = contact.instance;
	binding.reg_id = contact.reg_id;
	binding.words = contact.words;
	binding.q = contact.q;
	binding.expires_ms = binding.updated_ms + ms;
	return add(f, wish, ms ? COVEN_BIND : COVEN_UNBIND, &binding);
}

/* "Contact: *" removes all, and nothing else may stand beside it (RFC 3261 10.3 step 6).
 */
static int
add_all(struct frame *f, struct wish *wish, size_t contacts)
{
	if (contacts != 1)
		return fail(f, 400, "Contact * Not Alone");
	if (!f->expires.at || contact_seconds(f->expires) != 0)
		return fail(f, 400, "Contact * Without Expires 0");
	return add(f, wish, COVEN_UNBIND_ALL, &f->common);
}

static size_t
count_contacts(const struct coven_message *m, size_t most, bool *star)
{
	struct coven_slice value;
	size_t count = 0;

	*star = false;
	while (count <= most && (value = coven_header(m, "Contact", count)).at) {
		*star = *star || coven_is(value, "*");
		count++;
	}
	return count;
}

int
wish_read(struct coven_instance *in, struct coven_request *req, struct wish *wish,
	  struct contact_fault *fault)
{
	struct frame f = { .in = in,
			   .req = req,
			   .message = coven_view(req),
			   .options = coven_options(in),
			   .fault = fault };
	size_t most = (size_t)f.options->contacts, count;
	bool star;

	*wish = (struct wish){ NULL, 0 };
	count = count_contacts(f.message, most, &star);
	if (count > most)
		return fail(&f, 403, "Too Many Contacts");
	if (begin(&f) != 0)
		return -1;
	wish->changes = coven_alloc(req, (count + 1) * sizeof wish->changes[0]);
	if (!wish->changes)
		return fail(&f, 500, NULL);
	if (star)
		return add_all(&f, wish, count);
	for (size_t i = 0; i < count; i++)
		if (add_contact(&f, wish, coven_header(f.message, "Contact", i)) != 0)
			return -1;
	return 0;
}
