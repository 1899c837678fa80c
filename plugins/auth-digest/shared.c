/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all workers use: keys, windows, notes; and what each has of its own. */
#include "shared.h"

#include <openssl/crypto.h>
#include <stdlib.h>

bool
shared_offers(const struct shared *all, uint32_t hash)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->algorithms[i] == hash)
			return true;
	return false;
}

static struct worker *
this_second(struct coven_instance *in)
{
	struct worker *self = coven_self(in);
	int64_t second = coven_now_ms(in) / 1000;

	if (second != self->second) {
		self->second = second;
		self->asked = self->logged = 0;
	}
	return self;
}

bool
shared_may_ask(struct coven_instance *in)
{
	return this_second(in)->asked++ < SHARED_ASKS;
}

bool
shared_may_log(struct coven_instance *in)
{
	return this_second(in)->logged++ < SHARED_LINES;
}

static int
read_algorithms(struct coven_instance *in, struct shared *all)
{
	const struct shared_options *o = coven_options(in);
	const struct coven_slice *names = o->algorithms.at;
	int bad = 0;

	for (size_t i = 0; i < o->algorithms.count; i++) {
		uint32_t hash = coven_hash_of(names[i]);

		if (hash != COVEN_MD5 && hash != COVEN_SHA256) {
			coven_complain(in, NULL, "algorithms",
				       "algorithms: neither SHA-256 nor MD5: \"%.*s\"",
				       (int)names[i].length, names[i].at);
			bad = -1;
		} else if (!shared_offers(all, hash)) {
			all->algorithms[all->count++] = hash;
		}
	}
	if (!bad && all->count == 0) {
		coven_complain(in, NULL, "algorithms", "algorithms: none given");
		bad = -1;
	}
	return bad;
}

static void
make_dummy(struct shared *all)
{
	static const char digits[] = "0123456789abcdef";

	coven_random(all->dummy, sizeof all->dummy);
	for (size_t i = 0; i < sizeof all->dummy; i++)
		all->dummy[i] = digits[all->dummy[i] & 15];
}

static void
drop(struct shared *all)
{
	if (all->keys)
		nonce_keys_free(all->keys);
	if (all->window)
		window_free(all->window);
	if (all->devices)
		memo_free(all->devices);
	if (all->offers)
		memo_free(all->offers);
	if (all->guess)
		guess_free(all->guess);
	free(all);
}

static struct guess *
make_guess(const struct shared_options *o)
{
	struct guess_rule rule = { o->guesses, o->guess_window, o->guess_penalty };
	struct tag_key key;

	coven_random(&key, sizeof key);
	return guess_new(&rule, &key);
}

int
shared_open(struct coven_instance *in)
{
	struct shared *all = calloc(1, sizeof *all);
	uint64_t seed;

	if (!all)
		return -1;
	coven_random(&seed, sizeof seed);
	make_dummy(all);
	all->keys = nonce_keys_new(coven_random);
	all->window = window_new();
	all->devices = memo_new(seed);
	all->offers = memo_new(seed);
	all->guess = make_guess(coven_options(in));
	if (read_algorithms(in, all) != 0 || !all->keys || !all->window ||
	    !all->devices || !all->offers || !all->guess) {
		drop(all);
		return -1;
	}
	coven_set_shared(in, all);
	return 0;
}

void
shared_close(struct coven_instance *in)
{
	if (coven_shared(in))
		drop(coven_shared(in));
}

enum coven_verdict
shared_start(struct coven_instance *in)
{
	struct shared *all = coven_shared(in);
	struct worker *self = calloc(1, sizeof *self);

	if (!self)
		return COVEN_FAIL;
	self->maker = nonce_maker_new(all->keys);
	if (!self->maker) {
		free(self);
		return COVEN_FAIL;
	}
	coven_set_self(in, self);
	return COVEN_DONE;
}

void
shared_stop(struct coven_instance *in)
{
	struct worker *self = coven_self(in);

	if (!self)
		return;
	nonce_maker_free(self->maker);
	free(self);
	coven_set_self(in, NULL);
}
