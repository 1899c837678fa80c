/* SPDX-License-Identifier: MIT
 * coven/store.h -- service "store": who can be reached where (RFC 3261 section 10 bindings), and named
 * tables for everything else that is to be kept.
 *
 * Callers use coven_store_*() and coven_table_*(); a provider fills struct coven_store and
 * answers each call with one of the coven_store_answer functions, at once or later, on the worker it
 * was called on.  Every call answers once, never on the caller's stack; what is passed in is copied;
 * what an answer shows lives until `done` returns.  `tag` is the caller's, often a ticket.
 */
#ifndef COVEN_STORE_H
#define COVEN_STORE_H

#include <coven/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COVEN_STORE_VERSION 1

enum coven_store_result {
	COVEN_STORE_OK = 0,
	COVEN_STORE_NONE = 1,  /* nothing there                                              */
	COVEN_STORE_STALE = 2, /* same Call-ID, CSeq not higher (RFC 3261 10.3 step 7)       */
	COVEN_STORE_FULL = 3,  /* more bindings than the limits allow: nothing was changed   */
	COVEN_STORE_DOWN = 4,  /* no answer in time, or no provider: perhaps stored          */
	COVEN_STORE_CHANGED = 5, /* the record has not the version that was expected           */
	COVEN_STORE_REFUSED = 6  /* the store cannot keep it now (disk full): nothing was changed */
};

struct coven_binding {
	uint32_t size, cseq, q, reg_id;   /* q: 0 to 1000; reg_id 0: none                          */
	struct coven_slice contact;       /* the URI as registered, byte for byte                  */
	struct coven_slice path;          /* Path values joined by ", " (RFC 3327), or none        */
	struct coven_slice instance;      /* +sip.instance with its brackets, or none              */
	struct coven_slice call_id, user_agent;
	struct coven_slice words;         /* the registrar's own bytes                             */
	struct coven_flow flow;           /* how the REGISTER came                                 */
	int64_t expires_ms, updated_ms;   /* wall clock                                            */
};

/* BIND replaces the binding of the same instance and reg_id, else of an equal contact URI (RFC 3261
 * 19.1.4).  UNBIND_ALL needs contact no more; its binding gives call_id and cseq. */
enum coven_change_kind { COVEN_BIND = 1, COVEN_UNBIND = 2, COVEN_UNBIND_ALL = 3 };
struct coven_change { uint32_t kind; const struct coven_binding *binding; };
struct coven_limits { uint32_t size, bindings; bool replace_oldest; };

struct coven_bindings {
	uint32_t size, stride; /* stride: of one binding, as the provider knows it */
	uint64_t version;      /* of this AoR: grows with each change              */
	struct coven_slice aor;
	const void *first;
	size_t count;
};
#define coven_binding_at(b, i) \
	((const struct coven_binding *)(const void *)((const char *)(b)->first + (i) * (b)->stride))

typedef void coven_bindings_fn(struct coven_instance *in, uint64_t tag, int result,
                               const struct coven_bindings *list);
typedef void coven_scan_fn(struct coven_instance *in, uint64_t tag, int result,
                           const struct coven_bindings *lists, size_t count,
                           struct coven_slice cursor); /* empty cursor: that was all */

/* A record of a table.  Versions are given by the provider and never given twice for one key. */
struct coven_record {
	uint32_t size;
	struct coven_slice key, value;
	uint64_t version;
	int64_t expires_ms; /* wall clock; 0: never */
};
struct coven_records {
	uint32_t size, stride;     /* stride: of one record, as the provider knows it */
	const void *first;
	size_t count;
	struct coven_slice cursor; /* of coven_table_range(): empty when that was all */
};
#define coven_record_at(r, i) \
	((const struct coven_record *)(const void *)((const char *)(r)->first + (i) * (r)->stride))
typedef void coven_records_fn(struct coven_instance *in, uint64_t tag, int result,
                              const struct coven_records *records);

#define COVEN_TABLE_NAME_MAX 31     /* bytes: letters, digits, "-" */
#define COVEN_TABLE_KEY_MAX 400     /* bytes, any value; at least 1 */
#define COVEN_TABLE_VALUE_MAX 65536
#define COVEN_ANY_VERSION UINT64_MAX
#define COVEN_NO_RECORD 0           /* as expected version: there must be none */

/* -- callers.  All changes or none, atomic for one AoR; the answer shows the bindings as they are now. */
void coven_store_update(struct coven_instance *in, struct coven_slice aor,
                        const struct coven_change *changes, size_t count,
                        const struct coven_limits *limits, coven_bindings_fn *done, uint64_t tag);
void coven_store_find(struct coven_instance *in, struct coven_slice aor, coven_bindings_fn *done,
                      uint64_t tag);
/* At most `at_most` AoRs from where the cursor stands (empty: from the first). */
void coven_store_scan(struct coven_instance *in, struct coven_slice cursor, size_t at_most,
                      coven_scan_fn *done, uint64_t tag);

/* One record; NONE when there is none, or when it has ended. */
void coven_table_get(struct coven_instance *in, const char *table, struct coven_slice key,
                     coven_records_fn *done, uint64_t tag);
/* Writes it if its version is `expected` (COVEN_ANY_VERSION, COVEN_NO_RECORD); else CHANGED, and the answer shows
 * the one that is there.  OK: the answer shows the new version.  The record's own version is not looked at. */
void coven_table_put(struct coven_instance *in, const char *table, const struct coven_record *record,
                     uint64_t expected, coven_records_fn *done, uint64_t tag);
void coven_table_remove(struct coven_instance *in, const char *table, struct coven_slice key,
                        uint64_t expected, coven_records_fn *done, uint64_t tag);
/* At most `at_most` records whose keys begin with `prefix`, in the order of their bytes, from where the cursor
 * stands (empty: from the first).  Nothing is frozen: what changes meanwhile is seen or not. */
void coven_table_range(struct coven_instance *in, const char *table, struct coven_slice prefix,
                       struct coven_slice cursor, size_t at_most, coven_records_fn *done, uint64_t tag);

/* -- providers.  Change notices, also on expiry, are the provider's to emit: one COVEN_BINDINGS an AoR. */
struct coven_store {
	uint32_t size;
	void (*update)(struct coven_instance *in, coven_call call, struct coven_slice aor,
	               const struct coven_change *changes, size_t count,
	               const struct coven_limits *limits);
	void (*find)(struct coven_instance *in, coven_call call, struct coven_slice aor);
	void (*scan)(struct coven_instance *in, coven_call call, struct coven_slice cursor,
	             size_t at_most);
	/* All that is passed in has been checked against the limits above. */
	void (*get)(struct coven_instance *in, coven_call call, struct coven_slice table,
	            struct coven_slice key);
	void (*put)(struct coven_instance *in, coven_call call, struct coven_slice table,
	            const struct coven_record *record, uint64_t expected);
	void (*remove)(struct coven_instance *in, coven_call call, struct coven_slice table,
	               struct coven_slice key, uint64_t expected);
	void (*range)(struct coven_instance *in, coven_call call, struct coven_slice table,
	              struct coven_slice prefix, struct coven_slice cursor, size_t at_most);
};
void coven_store_answer(struct coven_instance *in, coven_call call, int result,
                        const struct coven_bindings *list); /* list NULL: none */
void coven_store_answer_scan(struct coven_instance *in, coven_call call, int result,
                             const struct coven_bindings *lists, size_t count,
                             struct coven_slice cursor);

void coven_store_answer_records(struct coven_instance *in, coven_call call, int result,
                                const struct coven_records *records); /* NULL: none */

#ifdef __cplusplus
}
#endif
#endif
