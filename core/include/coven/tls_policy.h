/* SPDX-License-Identifier: MIT
 * coven/tls_policy.h -- service "tls-policy": over which of the addresses found a request may leave, what the far end
 * has to prove there (RFC 5922, 6698, 7671), and for which domain a connection that came in may speak (RFC 5923).
 *
 * Callers use coven_tls_judge() and coven_tls_prove(), which is the core itself; a provider fills struct
 * coven_tls_policy and answers each call once, at once or later, on the worker it was called on.  Without a provider, or
 * without an answer in time, no address that was found by name is used, and nobody is proven.
 */
#ifndef COVEN_TLS_POLICY_H
#define COVEN_TLS_POLICY_H

#include <coven/resolver.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COVEN_TLS_POLICY_VERSION 1

/* What is asked of one hop. */
enum coven_tls_level {
	COVEN_TLS_REFUSE = 0, /* not to be used                                                   */
	COVEN_TLS_PLAIN = 1,  /* a hop without TLS                                                */
	COVEN_TLS_ANY = 2,    /* encrypted, whoever it is: proves nothing                         */
	COVEN_TLS_NAMES = 3,  /* a certificate that leads to the trusted ones, for the domain     */
	COVEN_TLS_DANE = 4    /* one that the hop's TLSA records name                             */
};

struct coven_tls_way {
	uint32_t size;
	struct coven_slice domain;     /* of the URI: whom the caller meant        */
	bool sips;
	const struct coven_hops *hops;
};
struct coven_tls_judgement {
	uint32_t size;
	const uint8_t *levels; /* coven_tls_level, one a hop                       */
	size_t count;
	struct coven_slice why; /* if hops were refused: what a person can read     */
};
typedef void coven_tls_judged_fn(struct coven_instance *in, uint64_t tag, const struct coven_tls_judgement *judgement);

/* A certificate that the far end of a connection has shown. */
#define COVEN_TLS_NAMES_MAX 4
struct coven_tls_shown {
	uint32_t size;
	struct coven_flow flow;
	struct coven_address address;
	struct coven_slice certificate; /* DER                                      */
	struct coven_slice spki;        /* SHA-256 of its key, 32 bytes             */
	struct coven_slice names[COVEN_TLS_NAMES_MAX]; /* domains that it is for    */
	size_t count;
	bool trusted;                   /* it leads to a trusted authority          */
};
struct coven_tls_proof {
	uint32_t size;
	struct coven_slice domain; /* that it may speak for; none: for nobody        */
	int64_t good_ms;           /* for so long; then it is asked again            */
	struct coven_slice why;
};
typedef void coven_tls_proven_fn(struct coven_instance *in, uint64_t tag, const struct coven_tls_proof *proof);

/* -- callers */
void coven_tls_judge(struct coven_instance *in, const struct coven_tls_way *way, coven_tls_judged_fn *done,
                     uint64_t tag);
void coven_tls_prove(struct coven_instance *in, const struct coven_tls_shown *shown, coven_tls_proven_fn *done,
                     uint64_t tag);

/* -- providers */
struct coven_tls_policy {
	uint32_t size;
	void (*judge)(struct coven_instance *in, coven_call call, const struct coven_tls_way *way);
	void (*prove)(struct coven_instance *in, coven_call call, const struct coven_tls_shown *shown);
};
void coven_tls_answer_judge(struct coven_instance *in, coven_call call, const struct coven_tls_judgement *judgement);
void coven_tls_answer_prove(struct coven_instance *in, coven_call call, const struct coven_tls_proof *proof);

#ifdef __cplusplus
}
#endif
#endif
