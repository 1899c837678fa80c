/* SPDX-License-Identifier: GPL-3.0-or-later */
/* desk: one worker's part: its cache, and the searches that are going on. */
#ifndef DNS_DESK_H
#define DNS_DESK_H

#include "cache.h"
#include "draw.h"
#include "engine.h"
#include "plan.h"

#define DESK_SEARCHES_MAX 8192 /* of one worker, that wait */

struct dns_options {
	struct engine_options engine;
	struct coven_rows transports; /* of coven_slice */
	bool ipv6;
	int64_t cache;
};

struct search;
struct desk {
	struct coven_instance *in;
	const struct dns_options *options;
	struct engine *engine;
	struct cache *cache;
	struct seat seat;
	struct draw draw;
	struct search *searches;
	struct plan plan; /* while one runs */
	size_t search_count;
	uint64_t done;
	unsigned transports;
	bool seated;
};

/* What has been found; `set` of records, `plan` of hosts; NULL: refused before anything was looked at. */
struct finding {
	int result;
	struct plan *plan;
	const struct set *set;
	uint64_t draw;
	int64_t good_ms, retry_ms;
	const char *why;
};
typedef void desk_fn(struct coven_instance *in, uint64_t tag, const struct finding *found);

struct desk *desk_new(struct coven_instance *in, struct engine *engine, const struct dns_options *options);
void desk_free(struct desk *d);
/* `done` is called once, perhaps at once; not if the desk is freed before. */
void desk_resolve(struct desk *d, const struct coven_question *question, desk_fn *done, uint64_t tag);
void desk_records(struct desk *d, struct coven_slice name, uint16_t type, desk_fn *done, uint64_t tag);

#endif
