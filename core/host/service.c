/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service: the life of a call. */
#include "host/service.h"
#include "host/slow.h"

struct call *
call_new(struct coven_instance *caller, const char *service, uint32_t version, uint64_t tag, size_t args_size)
{
	struct host *h = caller->host;
	const struct chain_service *found = chain_service(&host_edition(h)->chain, service, version);
	struct arena *arena = names_count(h->calls) < HOST_CALLS_MAX ? arena_new(h->tx->pool) : NULL;
	struct call *c = arena ? arena_zero(arena, sizeof *c) : NULL;

	if (!c || !(c->args = arena_zero(arena, args_size)) || (c->name = names_add(h->calls, c)) == 0) {
		arena_free(arena);
		return NULL;
	}
	c->arena = arena;
	c->caller = caller;
	c->tag = tag;
	if (found) {
		c->provider = host_instance(h, found->plug);
		c->ops = found->service->ops;
	}
	h->counts.service_calls++;
	list_append(&h->open_calls, &c->link);
	return c;
}

/* Answered, or given up: the name leads nowhere from here on. */
static void
close_call(struct call *c)
{
	struct host *h = c->caller->host;

	list_remove(&c->link);
	names_remove(h->calls, c->name);
	timer_stop(h->loop, &c->timer);
	work_stop(h->loop, &c->work);
}

bool
call_wanted(const struct call *c)
{
	return c->caller->started;
}

void
call_free(struct call *c)
{
	arena_free(c->arena);
}

void
call_drop(struct call *c)
{
	close_call(c);
	call_free(c);
}

void
call_end(struct list *link)
{
	call_drop(CONTAINER(link, struct call, link));
}

static void
give_up(struct call *c)
{
	close_call(c);
	if (call_wanted(c))
		c->down(c);
	call_free(c);
}

void
call_leave(struct coven_instance *in)
{
	LIST_EACH (&in->host->open_calls, at, after) {
		struct call *c = CONTAINER(at, struct call, link);

		if (c->caller == in)
			call_drop(c);
		else if (c->provider == in)
			give_up(c);
	}
}

static void
time_over(struct timer *t)
{
	struct call *c = CONTAINER(t, struct call, timer);

	log_often(&c->caller->host->misbehaves, LOG_LEVEL_WARN, c->provider->plug->name,
	          "did not answer %s within %d ms", c->caller->plug->name, HOST_CALL_MS);
	give_up(c);
}

static void
make(struct work *w)
{
	struct call *c = CONTAINER(w, struct call, work);
	struct coven_instance *provider = c->provider;
	int64_t began = slow_begin();

	if (!c->provider || !c->provider->started) {
		give_up(c);
		return;
	}
	timer_start(c->caller->host->loop, &c->timer, HOST_CALL_MS, time_over);
	c->made = true;
	c->make(c); /* c may be gone after this */
	slow_end(provider, "a service", began);
}

void
call_start(struct call *c, void (*make_it)(struct call *c), void (*down)(struct call *c))
{
	c->make = make_it;
	c->down = down;
	work_start(c->caller->host->loop, &c->work, make);
}

struct call *
call_take(struct coven_instance *provider, coven_call name)
{
	struct call *c = names_get(provider->host->calls, name);

	if (!c || c->provider != provider || !c->made)
		return NULL;
	close_call(c);
	return c;
}

bool
coven_is_given(const struct coven_instance *in, const char *service, uint32_t version)
{
	return chain_service(&host_edition(in->host)->chain, service, version) != NULL;
}
