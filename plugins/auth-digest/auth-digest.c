/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth-digest -- who asks?  Digest authentication of RFC 3261 section 22 with RFC 7616
 * and RFC 8760.
 *
 * A request without credentials costs no memory: its challenge is stateless.  With a
 * nonce of ours that is neither old nor used it is parked until the account's hash is
 * there. */
#include "blame.h"
#include "shared.h"
#include "visit.h"

#include <coven/credentials.h>

#define PARK_MS 5000
#define RETRY_SECONDS "5"

static const struct coven_option options[] = {
	COVEN_OPTION("algorithms", COVEN_LIST, struct shared_options, algorithms,
		     "(\"SHA-256\", \"MD5\")", "hashes to offer, the best first"),
	COVEN_RANGE("lifetime", COVEN_TIME, struct shared_options, lifetime, "300s",
		    10000, 3600000, "how long a challenge can be answered"),
	COVEN_OPTION(
		"calls", COVEN_BOOL, struct shared_options, calls, "true",
		"ask for a password for calls and messages, too, not for REGISTER alone"),
	COVEN_RANGE("guesses", COVEN_INT, struct shared_options, guesses, "10", 0,
		    GUESS_MOST,
		    "wrong passwords from one source for one user until it is refused; 0: "
		    "any number"),
	COVEN_RANGE("guess_window", COVEN_TIME, struct shared_options, guess_window,
		    "60s", 1000, GUESS_QUIET_MS, "within this time"),
	COVEN_RANGE("guess_penalty", COVEN_TIME, struct shared_options, guess_penalty,
		    "60s", 1000, GUESS_PENALTY_MOST_MS,
		    "refused for so long; each time twice as long as before, up to 1h"),
	COVEN_OPTIONS_END
};

/* What a challenge says. */
struct terms {
	uint32_t only; /* this hash; 0: all that are configured */
	bool alone;    /* MD5 alone, for a device that copes with no more */
	bool stale;
};

static int
add_challenge(struct coven_request *req, const struct visit *visit,
	      struct coven_slice nonce, uint32_t hash, bool stale)
{
	struct coven_slice value = coven_print(
		req,
		"Digest realm=\"%.*s\", nonce=\"%.*s\", algorithm=%s, qop=\"auth\"%s",
		(int)visit->realm.length, visit->realm.at, (int)nonce.length, nonce.at,
		coven_hash_name(hash), stale ? ", stale=true" : "");

	if (!value.at)
		return -1;
	return coven_add_header(coven_reply_view(req), visit_challenge_header(visit),
				value, false);
}

static enum coven_verdict
challenge(struct coven_instance *in, struct coven_request *req, const struct visit *visit,
	  struct terms terms)
{
	const struct shared *all = coven_shared(in);
	struct worker *self = coven_self(in);
	bool alone = terms.alone && all->count > 1 && shared_offers(all, COVEN_MD5);
	uint32_t only = terms.only && shared_offers(all, terms.only) ? terms.only
			: alone                                      ? COVEN_MD5
								     : 0;
	char room[NONCE_TEXT];
	struct coven_slice nonce = { room, sizeof room };

	if (nonce_make(self->maker, coven_now_ms(in), alone ? NONCE_ALONE : 0,
		       visit->source, visit->realm, room) != 0)
		return COVEN_FAIL;
	if (coven_reply(req, visit->registers ? 401 : 407, NULL) != 0)
		return COVEN_FAIL;
	for (size_t i = 0; i < all->count; i++)
		if ((only == 0 || only == all->algorithms[i]) &&
		    add_challenge(req, visit, nonce, all->algorithms[i], terms.stale) !=
			    0)
			return COVEN_FAIL;
	return COVEN_REPLIED;
}

static enum coven_verdict
refuse(struct coven_request *req, int status, const char *reason)
{
	return coven_reply(req, status, reason) == 0 ? COVEN_REPLIED : COVEN_FAIL;
}

static enum coven_verdict
too_busy(struct coven_request *req)
{
	if (coven_reply(req, 503, NULL) != 0)
		return COVEN_FAIL;
	coven_add_header(coven_reply_view(req), "Retry-After", coven_text(RETRY_SECONDS),
			 false);
	return COVEN_REPLIED;
}

/* Not 503: whoever asks is meant, not this server. */
static enum coven_verdict
refuse_guesser(struct coven_request *req, int64_t left_ms)
{
	struct coven_slice seconds;

	if (coven_reply(req, 403, "Too Many Wrong Passwords") != 0)
		return COVEN_FAIL;
	seconds = coven_print(req, "%lld", (long long)(left_ms + 999) / 1000);
	if (seconds.at)
		coven_add_header(coven_reply_view(req), "Retry-After", seconds, false);
	return COVEN_REPLIED;
}

/* The request whose answer has come, and its visit; NULL: it has gone. */
static struct coven_request *
back(struct coven_instance *in, uint64_t ticket, struct visit **visit)
{
	struct coven_request *req = coven_parked(in, ticket);

	*visit = req ? coven_data(req, in) : NULL;
	return *visit ? req : NULL;
}

static void
keep(void *data)
{
	/* of the request's own memory */
}

/* 0: no room, the request goes on without waiting. */
static coven_ticket
park(struct coven_instance *in, struct coven_request *req, const struct visit *visit)
{
	struct visit *copy = coven_alloc(req, sizeof *copy);

	if (!copy)
		return 0;
	*copy = *visit;
	if (coven_set_data(req, in, copy, keep) != 0)
		return 0;
	return coven_park(in, req, PARK_MS, NULL, NULL);
}

/* -- without credentials -- */

static uint64_t
offer_key(const struct shared *all, const struct visit *visit)
{
	return memo_key(all->offers, &visit->aor, 1);
}

static void
offer_found(struct coven_instance *in, uint64_t ticket, int result,
	    const struct coven_credential *found)
{
	struct shared *all = coven_shared(in);
	struct terms terms = { .only = result == COVEN_CREDENTIALS_OK ? found->only : 0 };
	struct visit *visit;
	struct coven_request *req = back(in, ticket, &visit);

	if (!req)
		return;
	if (result != COVEN_CREDENTIALS_DOWN)
		memo_set_offer(all->offers, offer_key(all, visit), coven_now_ms(in),
			       terms.only);
	coven_resume(in, ticket, challenge(in, req, visit, terms));
}

/* Some accounts may be asked for one hash alone.  Which, is looked up once a minute for an
 * AoR, and not at all when strangers ask for very many: then the account's other
 * challenge is refused later. */
static enum coven_verdict
ask_offer(struct coven_instance *in, struct coven_request *req, const struct visit *visit)
{
	struct shared *all = coven_shared(in);
	struct terms terms = { .only = 0 };
	coven_ticket ticket;

	if (!visit->aor.at ||
	    memo_offer(all->offers, offer_key(all, visit), coven_now_ms(in),
		       &terms.only) ||
	    !shared_may_ask(in))
		return challenge(in, req, visit, terms);
	ticket = park(in, req, visit);
	if (ticket == 0)
		return challenge(in, req, visit, terms);
	coven_credentials_find(in, coven_part(visit->aor, COVEN_USER, NULL), visit->realm,
			       COVEN_MD5, offer_found, ticket);
	return COVEN_WAIT;
}

static enum coven_verdict
greet(struct coven_instance *in, struct coven_request *req, const struct visit *visit)
{
	struct shared *all = coven_shared(in);
	struct terms terms = { .only = 0 };

	if (all->count == 1)
		return challenge(in, req, visit, terms);
	terms.alone = memo_came(all->devices, visit_device(visit, all->devices),
				visit_attempt(req, visit, all->devices),
				visit_request(req, all->devices), coven_now_ms(in));
	if (terms.alone)
		return challenge(in, req, visit, terms);
	return ask_offer(in, req, visit);
}

/* -- with credentials -- */

static struct terms
again(const struct visit *visit, bool stale)
{
	return (struct terms){ .alone = visit->nonce.flags & NONCE_ALONE,
			       .stale = stale };
}

/* Rightly answered, and the From is theirs: the nonce is used now, not before, so that
 * nobody without the password can use it up. */
static enum coven_verdict
admit(struct coven_instance *in, struct coven_request *req, const struct visit *visit)
{
	struct shared *all = coven_shared(in);

	if (!window_take(all->window, &visit->nonce, visit_count(visit)))
		return challenge(in, req, visit, again(visit, true));
	if (all->count > 1 && visit->nonce.flags & NONCE_ALONE)
		memo_keep(all->devices, visit_device(visit, all->devices),
			  coven_now_ms(in));
	if (coven_set_caller(req, visit->proven) != 0)
		return COVEN_FAIL;
	/* they were meant for us alone (RFC 3261 22.3) */
	if (!visit->registers &&
	    coven_remove(coven_view(req), visit_header(visit), visit->nth) != 0)
		return COVEN_FAIL;
	return COVEN_DONE;
}

static void
name_found(struct coven_instance *in, uint64_t ticket, int result, struct coven_slice aor)
{
	struct visit *visit;
	struct coven_request *req = back(in, ticket, &visit);

	if (!req)
		return;
	if (result == COVEN_CREDENTIALS_DOWN)
		coven_resume(in, ticket, too_busy(req));
	else if (result == COVEN_CREDENTIALS_OK && coven_same(aor, visit->proven))
		coven_resume(in, ticket, admit(in, req, visit));
	else
		coven_resume(in, ticket, refuse(req, 403, NULL));
}

/* The password is right; is the From theirs?  The registrar asks that of a To itself. */
static void
identify(struct coven_instance *in, uint64_t ticket, struct coven_request *req,
	 const struct visit *visit)
{
	if (visit->registers || visit->anonymous || coven_same(visit->aor, visit->proven))
		coven_resume(in, ticket, admit(in, req, visit));
	else if (!visit->aor.at)
		coven_resume(in, ticket, refuse(req, 403, NULL));
	else
		coven_credentials_resolve(in, visit->aor, name_found, ticket);
}

/* Is the response right?  Whoever does not exist has a hash, too, so that it takes the
 * same time. */
static bool
proves(struct coven_instance *in, struct coven_request *req, const struct visit *visit,
       int result, const struct coven_credential *found)
{
	const struct shared *all = coven_shared(in);
	size_t length = visit->given.hash == COVEN_MD5 ? SHARED_DUMMY / 2 : SHARED_DUMMY;
	bool exists = result == COVEN_CREDENTIALS_OK && found->ha1.length == length;
	struct coven_slice ha1 = exists ? found->ha1
					: (struct coven_slice){ all->dummy, length };

	return coven_digest_check(&visit->given, ha1, coven_method(coven_view(req))) &&
	       exists;
}

/* Nothing was guessed: there is no hash that this answer could have been right for. */
static bool
wrong_hash(const struct visit *visit, int result, const struct coven_credential *found)
{
	return result == COVEN_CREDENTIALS_OK && found->only &&
	       found->only != visit->given.hash && found->ha1.length == 0;
}

static void
hash_found(struct coven_instance *in, uint64_t ticket, int result,
	   const struct coven_credential *found)
{
	struct visit *visit;
	struct coven_request *req = back(in, ticket, &visit);
	struct terms terms;
	int64_t left;

	if (!req)
		return;
	terms = again(visit, false);
	left = blame_left(in, visit); /* of many at once the first ones count */
	if (left > 0) {
		coven_resume(in, ticket, refuse_guesser(req, left));
	} else if (result == COVEN_CREDENTIALS_DOWN) {
		coven_resume(in, ticket, too_busy(req));
	} else if (!proves(in, req, visit, result, found)) {
		if (wrong_hash(visit, result, found))
			terms.only = found->only;
		else
			blame_wrong(in, req, visit);
		coven_resume(in, ticket, challenge(in, req, visit, terms));
	} else {
		visit->proven =
			coven_print(req, "%.*s", (int)found->aor.length, found->aor.at);
		identify(in, ticket, req, visit);
	}
}

static enum coven_verdict
verify(struct coven_instance *in, struct coven_request *req, const struct visit *visit)
{
	struct shared *all = coven_shared(in);
	coven_ticket ticket;

	if (all->count > 1 && !(visit->nonce.flags & NONCE_ALONE))
		memo_answered(all->devices, visit_attempt(req, visit, all->devices),
			      coven_now_ms(in));
	if (!shared_offers(all, visit->given.hash))
		return challenge(in, req, visit, again(visit, false));
	if (window_used(all->window, &visit->nonce, visit_count(visit)))
		return challenge(in, req, visit, again(visit, true));
	ticket = park(in, req, visit);
	if (ticket == 0)
		return too_busy(req);
	coven_credentials_find(in, visit->given.username, visit->realm, visit->given.hash,
			       hash_found, ticket);
	return COVEN_WAIT;
}

static uint32_t
source_of(struct coven_instance *in, struct coven_request *req)
{
	const struct shared *all = coven_shared(in);
	struct coven_address from = visit_from(in, req);

	return guess_source(all->guess, &from);
}

static enum coven_verdict
auth(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct shared_options *o = coven_options(in);
	struct worker *self = coven_self(in);
	struct visit visit;
	int64_t left;

	if (!visit_read(in, req, o->calls, &visit))
		return COVEN_NEXT;
	visit.source = source_of(in, req);
	if (!visit.has_given)
		return greet(in, req, &visit);
	left = blame_left(in, &visit);
	if (left > 0)
		return refuse_guesser(req, left);
	if (!visit_meant(req, &visit))
		return refuse(req, 400, "Digest URI Is Not the Request-URI");
	switch (nonce_check(self->maker, coven_now_ms(in), o->lifetime, visit.given.nonce,
			    visit.realm, &visit.nonce)) {
	case NONCE_GOOD:
		return verify(in, req, &visit);
	case NONCE_EXPIRED:
		return challenge(in, req, &visit, again(&visit, true));
	case NONCE_FORGED:
		break;
	}
	return greet(in, req, &visit);
}

static const struct coven_hook hooks[] = { { COVEN_AUTH, auth, NULL },
					   { 0, NULL, NULL } };
static const struct coven_need needs[] = { { "credentials", COVEN_CREDENTIALS_VERSION },
					   { NULL, 0 } };

COVEN_PLUGIN(.name = "auth-digest", .version = "0.1.0",
	     .summary = "who asks: passwords by digest",
	     .options_size = sizeof(struct shared_options), .options = options,
	     .hooks = hooks, .needs = needs, .open = shared_open, .close = shared_close,
	     .start = shared_start, .stop = shared_stop);
