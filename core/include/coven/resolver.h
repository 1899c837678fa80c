/* SPDX-License-Identifier: MIT
 * coven/resolver.h -- service "resolver": from the host of a URI to addresses in the order in which they are to be
 * tried (RFC 3263, 2782), each with what DNSSEC says of the way to it (RFC 4033) and the keys that its TLSA records
 * name (RFC 6698); and single sets of records for whoever needs others.
 *
 * Callers use coven_resolve*(); a provider fills struct coven_resolver and answers each call once, at once or later,
 * on the worker it was called on.  Never on the caller's stack; what is passed in is copied; what an answer shows
 * lives until `done` returns.  `tag` is the caller's.
 */
#ifndef COVEN_RESOLVER_H
#define COVEN_RESOLVER_H

#include <coven/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COVEN_RESOLVER_VERSION 1

/* Bogus is never a proof of something found: it is an error (COVEN_RESOLVE_BOGUS). */
enum coven_proof {
	COVEN_INSECURE = 1, /* the zone is proven not to be signed, or nobody validated */
	COVEN_SECURE = 2    /* validated from the trust anchor down                     */
};

enum coven_resolve_result {
	COVEN_RESOLVED = 0,
	COVEN_RESOLVE_NONE = 1,    /* proven or plain: there is no such name                         */
	COVEN_RESOLVE_NO_SERVICE = 2, /* the name is there, but takes no calls: SRV target ".", or no address */
	COVEN_RESOLVE_BOGUS = 3,   /* validation failed: never fall back, never guess                */
	COVEN_RESOLVE_DOWN = 4,    /* no name server answered, or SERVFAIL                           */
	COVEN_RESOLVE_BUSY = 5     /* too many questions wait: retry_ms says when to ask again       */
};

#define COVEN_HOPS_MAX 40     /* of one answer                     */
#define COVEN_HOST_MAX 255    /* bytes of a name                   */
#define COVEN_TLSA_MAX 32     /* usable TLSA records of one target */
#define COVEN_RECORDS_MAX 256 /* of one set                        */

struct coven_question {
	uint32_t size;
	struct coven_slice host;      /* name or number, as in the URI                           */
	struct coven_slice transport; /* its parameter, or none                                  */
	uint16_t port;                /* 0: none was said, so NAPTR and SRV count                */
	bool sips;                    /* nothing but TLS may be in the answer                    */
	uint16_t from;                /* hops of this answer that are known already: lists are resolved a few at a time,
	                                 and the same question with `from` = their number gives the next ones; NONE:
	                                 there are none behind them */
	uint64_t draw;                /* with `from`: hops.draw of the answer that is continued.  0: weights are drawn anew */
};

struct coven_tlsa { uint8_t usage, selector, matching; struct coven_slice data; };

struct coven_hop {
	struct coven_address address;  /* with its port                                          */
	struct coven_slice transport;  /* "udp", "tcp", "tls"                                    */
	struct coven_slice name;       /* of the host whose address it is (base of its TLSA); none: a number */
	uint16_t priority, weight;     /* of its SRV record                                      */
	uint8_t proof;                 /* coven_proof, of the whole way to this address          */
	uint8_t tlsa_proof;            /* SECURE: `tlsa` is what there is, perhaps nothing; INSECURE: not to be used */
	const struct coven_tlsa *tlsa; /* those that can be used, of TLS hops                    */
	size_t tlsa_count;
	bool tlsa_unusable;            /* secure records are there, and none can be used          */
};

struct coven_hops {
	uint32_t size, stride;   /* stride: of one hop, as the provider knows it               */
	const void *first;
	size_t count;            /* from question.from on                                      */
	uint64_t draw;           /* names the order that the weights have given                */
	uint8_t proof;           /* NONE, NO_SERVICE: SECURE when that is proven                */
	bool more;               /* there are others behind these                              */
	bool dane;               /* of the TLS targets of this name at least one has secure TLSA records that can be
	                            used.  It is known before the first hop without TLS is given, if the question
	                            leaves the transport open: with a port or another transport only that is looked at */
	int64_t good_ms;         /* for so long, from now                                      */
	int64_t retry_ms;        /* BUSY: ask again then                                       */
	struct coven_slice why;  /* what a person can read, of errors: "validation failure <...>" */
};
#define coven_hop_at(h, i) \
	((const struct coven_hop *)(const void *)((const char *)(h)->first + (size_t)(i) * (h)->stride))

typedef void coven_hops_fn(struct coven_instance *in, uint64_t tag, int result, const struct coven_hops *hops);

/* Records of one name and type, as their rdata stands in DNS (names in it not compressed). */
struct coven_rrset {
	uint32_t size;
	uint8_t proof;           /* also of the proof that there are none                      */
	const struct coven_slice *rdata;
	size_t count;
	int64_t good_ms;
	struct coven_slice name; /* where the records are: behind CNAMEs another one           */
	struct coven_slice why;
};
typedef void coven_rrset_fn(struct coven_instance *in, uint64_t tag, int result, const struct coven_rrset *set);

/* -- callers.  A name that can be none (empty, longer than COVEN_HOST_MAX) is NONE. */
void coven_resolve(struct coven_instance *in, const struct coven_question *question, coven_hops_fn *done, uint64_t tag);
void coven_resolve_records(struct coven_instance *in, struct coven_slice name, uint16_t rrtype, coven_rrset_fn *done,
                           uint64_t tag);

/* -- providers */
struct coven_resolver {
	uint32_t size;
	void (*resolve)(struct coven_instance *in, coven_call call, const struct coven_question *question);
	void (*records)(struct coven_instance *in, coven_call call, struct coven_slice name, uint16_t rrtype);
};
void coven_resolver_answer(struct coven_instance *in, coven_call call, int result, const struct coven_hops *hops);
void coven_resolver_answer_records(struct coven_instance *in, coven_call call, int result,
                                   const struct coven_rrset *set); /* NULL: none */

#ifdef __cplusplus
}
#endif
#endif
