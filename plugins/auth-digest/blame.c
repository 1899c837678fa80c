/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever gives wrong passwords: an event for each, a line for those who do it too often.
 *
 * Nobody is blamed for what somebody else sent under his address: the count goes by the
 * address that the challenge went to, and the event is only emitted when the answer came
 * from there. */
#include "blame.h"
#include "shared.h"


int64_t
blame_left(struct coven_instance *in, const struct visit *visit)
{
	const struct shared *all = coven_shared(in);
	int64_t now_ms = coven_now_ms(in);
	struct nonce nonce;

	if (!guess_any(all->guess, now_ms) ||
	    nonce_read(visit->given.nonce, &nonce) != 0)
		return 0;
	return guess_left(all->guess, nonce.source, visit->given.username, visit->realm,
			  now_ms);
}

static void
emit(struct coven_instance *in, struct coven_request *req, const struct visit *visit,
     int code)
{
	struct coven_event event = {
		.size = sizeof event,
		.kind = COVEN_AUTH_REFUSED,
		.name = visit->given.username,
		.aor = visit->aor,
		.call_id = coven_header(coven_view(req), "Call-ID", 0),
		.flow = coven_source(req),
		.code = code,
		.wall_ms = coven_wall_ms(in),
	};

	if (visit->nonce.source == visit->source)
		coven_emit(in, &event);
}

static void
tell(struct coven_instance *in, struct coven_request *req, const struct visit *visit,
     int64_t ms)
{
	const struct shared_options *o = coven_options(in);
	struct coven_address from = visit_from(in, req);
	struct coven_slice address;
	char room[64];

	if (!shared_may_log(in))
		return;
	address = coven_address_text(&from, room);
	coven_log(in, COVEN_WARN,
		  "%lld wrong passwords for one user in %.*s from %.*s%s: refused for %lld s",
		  (long long)o->guesses,
		  (int)visit->realm.length, visit->realm.at, (int)address.length,
		  address.at,
		  visit->nonce.source == visit->source
			  ? ""
			  : ", whose challenge went elsewhere",
		  (long long)ms / 1000);
}

void
blame_wrong(struct coven_instance *in, struct coven_request *req,
	    const struct visit *visit)
{
	const struct shared *all = coven_shared(in);
	int64_t ms = guess_wrong(all->guess, visit->nonce.source, visit->given.username,
				 visit->realm, coven_now_ms(in));

	emit(in, req, visit, visit->registers ? 401 : 407);
	if (ms == 0)
		return;
	emit(in, req, visit, 403);
	tell(in, req, visit, ms);
}
