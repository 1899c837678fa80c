/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: one incoming request and all that comes of it: the server transaction (RFC 3261 17.2, RFC 6026)
 * and the response context (16.7).  It begins as mere memory for a packet that matched nothing; nothing of
 * it outlives that packet unless request_adopt() makes it a transaction.
 *
 * Life     new -> (refused: a stateless reply, gone)
 *              -> adopted: found by retransmissions, CANCEL and ACK
 *              -> targets are added, branches leave, answers come and are weighed
 *              -> one final response (INVITE: every 2xx) -> lingers for retransmissions -> gone
 * Holds    the transaction, each live branch, and whoever works on it (floor 4) hold it. */
#ifndef TX_REQUEST_H
#define TX_REQUEST_H

#include "base/table.h"
#include "sip/edit.h"
#include "tx/target.h"
#include "tx/tx.h"

#define REQUEST_TARGETS_MAX 128  /* targets of one request in all its life */

enum request_state {
	REQUEST_NEW = 0,    /* no transaction */
	REQUEST_TRYING,     /* adopted, no response yet */
	REQUEST_PROCEEDING, /* a provisional response has left */
	REQUEST_ACCEPTED,   /* INVITE: 2xx has left (RFC 6026) */
	REQUEST_COMPLETED,  /* another final response has left, or any of a non-INVITE */
	REQUEST_CONFIRMED,  /* INVITE: ACK has come */
	REQUEST_ENDED       /* out of the table */
};

struct coven_request {
	struct table_node node;      /* in tx->servers when adopted */
	struct tx *tx;
	struct arena *arena;
	unsigned holds;
	enum request_state state;
	bool own;                    /* coven_send(): no server side, answers go to up->answered */
	bool in_dialog;              /* its token verified: see route.h */
	bool unwelcome;              /* came when there was too much to do: 503, if it is not inside a dialog */
	bool ours_stripped;          /* its top Route was ours */
	bool cancelled, finished;    /* finished: a final response was decided */
	bool failing;                /* up->failed() is at work */
	bool six;                    /* a 6xx came: no more targets */

	struct sip_message message;  /* bytes in the arena */
	struct edit edit;            /* the request layer: for all branches */
	struct coven_flow source;
	struct net_flow_facts from;  /* of source */
	struct token_side dialog;    /* in_dialog: the other side, as the token says */
	bool dialog_free;            /* ... and this one may go anywhere: the Route and the URI decide */
	bool local_callee;           /* it is for a user of ours */
	struct coven_slice last_token;
	bool vouched;                /* its caller has proved an account, or its token did */
	struct coven_slice to_tag;   /* of our own responses */
	struct coven_slice strict;   /* the user part of a Request-URI that was ours */
	uint64_t loop_hash;
	uint32_t breadth, breadth_used;

	struct list targets;         /* not yet started, by q */
	struct list branches;        /* in order of starting */
	unsigned target_count, branch_count;
	unsigned live;               /* branches not yet final */
	int64_t q;                   /* of the targets started last */
	struct work run;             /* fork_run(), put off */
	struct coven_branch *best;   /* chosen among finished branches */

	char *last;                  /* malloc: the response that a retransmission earns again */
	size_t last_length, last_size;
	uint16_t last_status;

	struct timer again, end;     /* 100 Trying, then G; H, I, J, L */
	int64_t again_ms;
	void *host;                  /* floor 4's */
};

/* -- making and ending */
struct coven_request *request_new(struct tx *tx, const struct sip_message *m, const struct coven_flow *source);
void request_hold(struct coven_request *r);
void request_drop(struct coven_request *r); /* the last one frees it, through up->gone */
/* Makes it a transaction: starts 100 Trying (INVITE 200 ms, others 3.5 s, RFC 4320).  Harmless when it is one. */
int request_adopt(struct coven_request *r); /* -1: too many (tx->max) */

/* -- answering.  A reply of our own: lines and body live until it has left.  Stateless when not adopted. */
struct reply_line;
int request_reply(struct coven_request *r, unsigned status, const char *reason,
                  const struct reply_line *lines, size_t count, bool record_route);
/* Bytes of a response: floor 4 has edited them, or a branch's answer was spliced. */
void request_respond(struct coven_request *r, unsigned status, struct coven_slice bytes);
struct coven_slice request_tag(struct coven_request *r); /* To tag of our own responses */

/* -- what comes again */
void request_repeated(struct coven_request *r);
void request_acked(struct coven_request *r);
void request_abandon(struct coven_request *r); /* at the end of the world: no word to anybody */
void request_rest(struct coven_request *r);    /* fork_run() was put off: never mind */
void request_finish(struct coven_request *r);  /* final, but nothing is said (RFC 4320: no 408) */

#endif
