/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state: made with the first look at a request, in its arena. */
#include "host/state.h"
#include <stdlib.h>

struct host_request *
state_of(struct coven_request *r, struct host *h)
{
	struct host_request *hr = r->host;

	if (hr)
		return hr;
	hr = arena_zero(r->arena, sizeof *hr);
	if (!hr)
		return NULL;
	hr->tenure = h->tenure;
	tenure_hold(hr->tenure);
	hr->run.host = h;
	hr->run.request = r;
	hr->view = (struct coven_message){ .edit = &r->edit, .request = r, .writable = true };
	r->host = hr;
	return hr;
}

struct host_branch *
state_of_branch(struct coven_branch *b)
{
	struct host_branch *hb = b->host;

	if (hb)
		return hb;
	hb = arena_zero(b->request->arena, sizeof *hb);
	if (!hb)
		return NULL;
	hb->branch = b;
	hb->view = (struct coven_message){ .edit = &b->edit, .request = b->request, .writable = true };
	hb->response = (struct coven_message){ .edit = &b->response_edit, .request = b->request, .writable = true };
	hb->last = &hb->first;
	b->host = hb;
	return hb;
}
