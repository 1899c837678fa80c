/* SPDX-License-Identifier: GPL-3.0-or-later */
/* location -- where is this user?  Bindings become targets. */
#include <coven/credentials.h>
#include <coven/flow.h>
#include <coven/store.h>

#define PARK_MS 10000
#define RETRY_SECONDS "5"

/* A device is reached by the stream it registered on while that lives.  With a Path the
 * first of its proxies decides; a datagram goes where the contact says. */
static bool
goes_by_flow(struct coven_instance *in, const struct coven_binding *b)
{
	struct coven_flow_info info = { .size = sizeof info };

	return b->path.length == 0 && coven_flow_facts(in, b->flow, &info) == 0 &&
	       (info.flags & COVEN_FLOW_STREAM) && coven_flow_alive(in, b->flow);
}

static int
add_target(struct coven_instance *in, struct coven_request *req,
	   const struct coven_binding *b)
{
	struct coven_target *t = coven_target_new(in, b->contact);

	if (!t)
		return -1;
	if (coven_target_put(t, COVEN_TO_Q, b->q) != 0 ||
	    (b->path.length && coven_target_set(t, COVEN_TO_ROUTE, b->path) != 0) ||
	    (goes_by_flow(in, b) && coven_target_flow(t, b->flow) != 0)) {
		coven_target_free(t);
		return -1;
	}
	return coven_add_target(req, t);
}

static enum coven_verdict
not_now(struct coven_request *req)
{
	if (coven_reply(req, 500, "Registrations Cannot Be Read") != 0)
		return COVEN_FAIL;
	coven_add_header(coven_reply_view(req), "Retry-After", coven_text(RETRY_SECONDS),
			 false);
	return COVEN_REPLIED;
}

/* `nobody`: what to say where nothing is bound. */
static enum coven_verdict
route_to(struct coven_instance *in, struct coven_request *req, int result,
	 const struct coven_bindings *list, enum coven_verdict nobody)
{
	size_t added = 0;

	if (result == COVEN_STORE_NONE || (result == COVEN_STORE_OK && list->count == 0))
		return nobody;
	if (result != COVEN_STORE_OK)
		return not_now(req);
	for (size_t i = 0; i < list->count; i++)
		added += add_target(in, req, coven_binding_at(list, i)) == 0;
	/* a contact that cannot be a target, or that the request has been to, is as if it
	 * were not there */
	return added ? COVEN_DONE : nobody;
}

/* A user of ours without a device: DONE without a target is 480. */
static void
found_known(struct coven_instance *in, uint64_t ticket, int result,
	    const struct coven_bindings *list)
{
	struct coven_request *req = coven_parked(in, ticket);

	if (req)
		coven_resume(in, ticket, route_to(in, req, result, list, COVEN_DONE));
}

/* Nobody can say who is a user: whoever registered is one.  NEXT by all is 404. */
static void
found(struct coven_instance *in, uint64_t ticket, int result,
      const struct coven_bindings *list)
{
	struct coven_request *req = coven_parked(in, ticket);

	if (req)
		coven_resume(in, ticket, route_to(in, req, result, list, COVEN_NEXT));
}

static void
resolved(struct coven_instance *in, uint64_t ticket, int result, struct coven_slice aor)
{
	struct coven_request *req = coven_parked(in, ticket);

	if (!req)
		return;
	switch ((enum coven_credentials_result)result) {
	case COVEN_CREDENTIALS_OK:
	case COVEN_CREDENTIALS_LOCKED:
		coven_store_find(in, aor, found_known, ticket);
		return;
	case COVEN_CREDENTIALS_DOWN:
		aor = coven_aor(req, coven_destination(req));
		coven_store_find(in, aor, found, ticket);
		return;
	case COVEN_CREDENTIALS_NONE:
		break;
	}
	coven_resume(in, ticket, COVEN_NEXT);
}

static enum coven_verdict
route(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	struct coven_slice aor = coven_aor(req, coven_destination(req));
	coven_ticket ticket;

	if (!aor.at || !coven_is_domain(in, coven_part(aor, COVEN_HOST, NULL)))
		return COVEN_NEXT;
	ticket = coven_park(in, req, PARK_MS, NULL, NULL);
	if (ticket == 0)
		return not_now(req);
	coven_credentials_resolve(in, aor, resolved, ticket);
	return COVEN_WAIT;
}

static const struct coven_hook hooks[] = { { COVEN_ROUTE, route, NULL },
					   { 0, NULL, NULL } };
static const struct coven_need needs[] = { { "store", COVEN_STORE_VERSION },
					   { NULL, 0 } };
static const struct coven_need wants[] = { { "credentials", COVEN_CREDENTIALS_VERSION },
					   { NULL, 0 } };

COVEN_PLUGIN(.name = "location", .version = "0.1.0",
	     .summary = "where users are: bindings to targets", .hooks = hooks,
	     .needs = needs, .wants = wants);
