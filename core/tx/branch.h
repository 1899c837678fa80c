/* SPDX-License-Identifier: GPL-3.0-or-later */
/* branch: one attempt to reach one target: a client transaction (RFC 3261 17.1, RFC 6026) and what became
 * of it.  Timers A to F, K, M, D, C, and the ring time of its target. */
#ifndef TX_BRANCH_H
#define TX_BRANCH_H

#include "tx/request.h"

#define BRANCH_KEPT_MAX 32 /* provisional responses that may be copied for one branch */

enum branch_state {
	BRANCH_WAITING = 0, /* floor 4 looks for an address, runs SEND */
	BRANCH_CALLING,     /* left; nothing came (non-INVITE: trying) */
	BRANCH_PROCEEDING,
	BRANCH_ACCEPTED,
	BRANCH_COMPLETED,
	BRANCH_ENDED
};

/* Numbers are those of enum coven_why. */
enum branch_why { BRANCH_ANSWERED = 0, BRANCH_RANG_OUT = 1, BRANCH_UNREACHED = 2, BRANCH_CANCELLED = 3,
                  BRANCH_REFUSED_HERE = 4, BRANCH_SILENT = 5 };

struct coven_branch {
	struct table_node node;        /* in tx->clients */
	struct list link;              /* in request->branches */
	struct list flow_link;         /* in wait */
	struct coven_request *request;
	struct coven_target *target;
	enum branch_state state;
	enum branch_why why;
	bool final;                    /* weighed, or given up */
	bool wants_cancel, cancel_sent;
	uint16_t status;               /* the newest; 0: none */
	uint8_t method_id;             /* of the transaction: INVITE, or CANCEL for its cancel's own */
	uint32_t breadth;

	struct edit edit;              /* the branch layer */
	uint64_t id;                   /* the random part of its branch parameter */
	struct coven_flow flow;
	bool stream;
	struct coven_slice via;        /* the value as it left: for ACK and CANCEL */
	struct coven_slice bytes;      /* as they left */
	struct coven_slice reason;     /* Reason of the CANCEL, or none */
	struct coven_slice cancel;     /* bytes of the CANCEL while it is repeated */

	struct sip_message response;   /* the final one >= 300, in the request's arena; else the one at hand */
	struct edit response_edit;
	bool has_response;             /* response is valid */
	unsigned kept_count;           /* BRANCH_KEPT_MAX */
	struct flow_wait *wait;        /* what tells it that its stream has gone */

	struct timer again, limit, ring; /* A/E (before it leaves: its delay); B/F/C then D/K/M; ring time */
	int64_t again_ms;
	struct timer cancel_again;     /* the CANCEL's own E */
	int64_t cancel_ms, cancel_left;
	void *host;                    /* floor 4's */
};

/* A branch for a target that the request has taken; up->launch() is called for it, later. */
struct coven_branch *branch_new(struct coven_request *r, struct coven_target *t);

/* Where it goes: an open flow, or a transport and an address. */
struct branch_hop {
	struct coven_flow flow;              /* none: the next two */
	const struct net_transport *transport;
	struct coven_address address;
	const struct net_tls_demand *demand; /* TLS: what the far end has to prove; NULL: nothing */
};
/* Prepares: opens the flow and writes Via, Record-Route, Route, Max-Forwards, Request-URI into the branch layer.  -1: unreachable. */
int branch_address(struct coven_branch *b, const struct branch_hop *hop);
void branch_send(struct coven_branch *b);  /* renders and sends */
void branch_quiet(struct coven_branch *b); /* not sent again until somebody speaks; its time goes on */
void branch_fail(struct coven_branch *b, unsigned status, enum branch_why why); /* counts as that response */
void branch_cancel(struct coven_branch *b, enum branch_why why, struct coven_slice reason);

/* A response came (in scratch memory). */
void branch_receive(struct coven_branch *b, const struct sip_message *m);
/* Makes it the response at hand, with an empty layer of edits; keep: copied into the request's arena.  -1: no
 * memory, or BRANCH_KEPT_MAX provisional ones were kept. */
int branch_open(struct coven_branch *b, const struct sip_message *m, bool keep);
void branch_take(struct coven_branch *b); /* the response at hand is passed on or weighed */
void branch_end(struct coven_branch *b);

void branch_lost(struct coven_branch *b); /* its stream has gone: 503 at once */

#endif
