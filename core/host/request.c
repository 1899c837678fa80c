/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: facts of a request, and handles on it. */
#include "base/text.h"
#include "host/state.h"

struct coven_slice
coven_destination(const struct coven_request *req)
{
	const struct host *h = host_of(req);
	const struct host_request *hr = req->host;
	const struct run *run = h->current;

	if (run && run->request == req && run->branch && run->phase != COVEN_ROUTE && run->branch->target->name.at)
		return run->branch->target->name;
	return hr->destination;
}

struct coven_slice
coven_caller(const struct coven_request *req)
{
	return ((const struct host_request *)req->host)->caller;
}

int
coven_set_caller(struct coven_request *req, struct coven_slice aor)
{
	struct host_request *hr = req->host;
	struct coven_slice copy = arena_dup(req->arena, aor);

	if (!copy.at)
		return -1;
	hr->caller = copy;
	req->vouched = true;
	return 0;
}

struct coven_flow
coven_source(const struct coven_request *req)
{
	return req->source;
}

/* An own address or host name stands for the first domain. */
struct coven_slice
coven_aor(struct coven_request *req, struct coven_slice uri)
{
	const struct self *self = req->tx->self;
	struct sip_uri parsed;

	if (uri_parse(uri, &parsed) != 0 || !parsed.sip || !parsed.has_user)
		return (struct coven_slice){ NULL, 0 };
	if (!self_is_domain(self, parsed.host) && self_is_uri(self, &parsed) && self_first_domain(self).at) {
		parsed.host = self_first_domain(self);
		parsed.ipv6 = false;
	}
	return uri_aor(&parsed, req->arena);
}

/* -- handles: they do not keep a request alive */

coven_handle
coven_hold(struct coven_request *req)
{
	struct host_request *hr = req->host;

	if (!hr->handle)
		hr->handle = names_add(host_of(req)->handles, req);
	return hr->handle;
}

unsigned
coven_held_by(coven_handle handle)
{
	return names_worker(handle);
}

struct coven_request *
coven_held(struct coven_instance *in, coven_handle handle)
{
	if (names_worker(handle) != in->host->worker)
		return NULL;
	return names_get(in->host->handles, handle);
}
