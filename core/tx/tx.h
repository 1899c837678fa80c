/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tx: one worker's transaction layer.  Packets come in by tx_receive(); decisions are asked upwards through
 * struct tx_up, which floor 4 sets, and come back as calls on requests and branches, at once or later. */
#ifndef TX_TX_H
#define TX_TX_H

#include "base/keyed.h"
#include "base/log.h"
#include "base/table.h"
#include "net/net.h"
#include "sip/message.h"
#include "tx/load.h"
#include "tx/self.h"
#include "tx/token.h"

/* Limits and times, of one worker. */
#define TX_MAX 1000000       /* server transactions, and as many client ones, unless somebody wants less */
#define TX_BREADTH 60        /* Max-Breadth where there is none, RFC 5393 */
#define TX_FORWARDS 70
#define TX_GAIN 3            /* a longer answer, by this factor, to a stranger's datagram is not given */
#define TX_WORKERS_MAX 36    /* one digit of 0-9a-z in a branch */

struct coven_request;
struct coven_branch;
struct reply_line;

/* Record-Route: never, where a dialog could not go on without us, always. */
enum tx_record { TX_RECORD_OFF = 0, TX_RECORD_AUTO = 1, TX_RECORD_ON = 2 };

struct tx_times { /* ms; RFC 3261 table 4 */
	int64_t t1, t2, t4, c, trying;
};
#define TX_TIMES { 500, 4000, 5000, 180500, 200 }

/* Asked upwards.  Floor 4 holds what it works on beyond the call. */
struct tx_up {
	/* New: reply to it, adopt it, give it targets, or do nothing: then it is gone. */
	void (*request)(void *up, struct coven_request *r);
	/* An ACK that belongs to no transaction of ours: request_new(), never adopted. */
	void (*ack)(void *up, struct coven_request *r);
	/* A CANCEL for `invite`: false drops it. */
	bool (*cancel)(void *up, struct coven_request *r, struct coven_request *invite);
	/* A branch is to leave: branch_address(), branch_send(), or branch_fail(). */
	void (*launch)(void *up, struct coven_branch *b);
	/* A response (not 100, not a repeated 2xx), in scratch memory: branch_open(), then branch_take() now or
	 * later (opened with `keep` then), or nothing to swallow it. */
	void (*response)(void *up, struct coven_branch *b, const struct sip_message *m);
	/* A branch was given up (time, cancelled, lost): what waits for it, waits for nothing. */
	void (*given_up)(void *up, struct coven_branch *b);
	/* One branch is final, >= 300: may add targets; then fork_settle(), which must come. */
	void (*branch_failed)(void *up, struct coven_branch *b);
	/* All are, none 2xx, r->best is chosen: may add targets; then fork_finish(). */
	void (*failed)(void *up, struct coven_request *r);
	/* A reply of our own is about to leave: gives the bytes to send (reply as built, or edited). */
	struct coven_slice (*reply)(void *up, struct coven_request *r, unsigned status, struct coven_slice bytes);
	/* The request ends as cancelled while floor 4 works on it (parked). */
	void (*cancelled)(void *up, struct coven_request *r);
	/* A request of our own has its final response; m NULL: the status is ours. */
	void (*answered)(void *up, struct coven_request *r, unsigned status, const struct sip_message *m,
	                 struct coven_branch *b);
	void (*gone)(void *up, struct coven_request *r); /* about to be freed */
};

struct tx_counts {
	uint64_t requests, responses, stray_responses, stray_acks, repeated, stateless_replies, loops, overload;
};

struct tx {
	struct loop *loop;
	struct net *net;
	const struct net_shared *net_shared;
	const struct self *self;
	struct token *token;
	struct arena_pool *pool;
	struct arena *scratch;       /* emptied after each packet */
	struct keyed hash;           /* of this worker's tables */
	struct keyed shared_hash;    /* the same in all workers: loop hashes, stateless tags */
	unsigned worker;
	enum tx_record record_route;
	struct tx_times times;
	const struct tx_up *up;
	void *up_arg;
	struct table servers, clients, flows; /* flows: streams that branches wait on */
	struct tx_counts counts;
	size_t max;                  /* server transactions, and as many client ones */
	struct load load;
	struct log_cause often;
};

struct tx_setup {
	struct loop *loop;
	struct net *net;
	const struct net_shared *net_shared;
	const struct self *self;
	const struct token_keys *keys;
	const struct keyed *shared_hash;
	unsigned worker;
	enum tx_record record_route;
	size_t transactions_max;     /* 0: TX_MAX */
	size_t memory_max;           /* bytes of all its requests, 0: no limit */
	const struct tx_up *up;
	void *up_arg;
};
struct tx *tx_new(const struct tx_setup *setup);
/* Ends every transaction, without a word to the peers; up->gone is called for each. */
void tx_stop(struct tx *tx);
void tx_free(struct tx *tx); /* stops, too; NULL is harmless */

/* A scanned message that belongs to this worker.  Nothing of m or its bytes is kept by pointer. */
void tx_receive(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow);
/* Which worker it belongs to: a response by the digit in our branch (-1: not ours, drop it), others by hash of Call-ID. */
int tx_owner(const struct keyed *shared_hash, const struct sip_message *m, unsigned workers);
unsigned tx_owner_of(const struct keyed *shared_hash, struct coven_slice key, unsigned workers);

/* A message that was refused by the scanner or is answered without a transaction; one answer at most. */
void tx_refuse(struct tx *tx, const struct sip_message *m, const struct coven_flow *flow, unsigned status,
               const char *reason, const struct reply_line *lines, size_t count);
/* The keyed To tag of stateless replies. */
struct coven_slice tx_stateless_tag(struct tx *tx, const struct sip_message *m, char room[24]);

void tx_flow_closed(struct tx *tx, const struct coven_flow *flow); /* on every worker */

#endif
