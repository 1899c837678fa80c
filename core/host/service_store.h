/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_store: what a call of the service "store" carries, one struct for bindings and tables, so that an answer of
 * the wrong kind is seen and not misread. */
#ifndef HOST_SERVICE_STORE_H
#define HOST_SERVICE_STORE_H

#include "host/service.h"
#include <coven/store.h>

struct store_args {
	struct coven_slice aor, cursor, table, key; /* key: of one record, or what keys begin with */
	struct coven_change *changes;
	size_t count, at_most;
	struct coven_limits limits;
	struct coven_record record;
	uint64_t expected;
	/* One of them: how the caller is answered. */
	coven_bindings_fn *done;
	coven_scan_fn *scanned;
	coven_records_fn *read;
};

/* NULL: no room; then args is NULL, too. */
struct call *store_begin(struct coven_instance *in, uint64_t tag, struct store_args **args);
/* whole: everything that was to be copied was.  If not, it is answered later all the same, by a call that nobody makes. */
void store_start(struct call *c, bool whole, void (*make)(struct call *c));
/* The provider is older than the function. */
#define STORE_HAS(ops, member) \
	((ops)->size >= offsetof(struct coven_store, member) + sizeof((ops)->member) && (ops)->member)

extern const struct coven_records store_no_records;

#endif
