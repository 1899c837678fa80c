/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host: the plugins' side of the server.  One struct host_shared for the process, one struct host for each worker.
 * The transaction layer asks (struct tx_up), the host runs the phases and answers by calls on requests and branches.
 *
 * Life of a request, function by function: life.c (arrives, screened, who asks, for whom), access.c (may it),
 * serve.c (for ourselves), launch.c (a branch finds its address and leaves), answer.c (responses), phase.c (how a phase
 * runs over the chain), park.c (waiting). */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/loop.h"
#include "host/edition.h"
#include "host/lookout.h"
#include "host/names.h"
#include "sip/scan.h"
#include "tx/fork.h"
#include "tx/tx.h"

/* Limits, of one worker. */
#define HOST_PARKED_MAX 65536         /* requests that wait */
#define HOST_PARKED_NOBODY_MAX 8192   /* ... of callers who have proved nothing */
#define HOST_PARKED_SOURCE_MAX 1024   /* ... from one address, which may be a whole house or company */
#define HOST_SOURCES 4096             /* counters for the line above; addresses share them by hash */
#define HOST_NAMES_DEPTH 5            /* targets that are names, one behind the other */
#define HOST_QUEUED_RESPONSES 32      /* behind one that waits in RECV */
#define HOST_CALL_MS 5000             /* a service that has not answered by then is down */
#define HOST_CALLS_MAX 65536
#define HOST_TIMERS_MAX 100000        /* of one instance */
#define HOST_SENDING_MAX 10000        /* own requests on the way */

struct host;

struct host_shared {
	struct list editions;   /* worker 0's: the newest last */
	struct net_shared *net;
	struct keyed shared_hash;
	unsigned workers;
	struct host *hosts[TX_WORKERS_MAX]; /* set before any loop runs */
	const char *data_dir;
	bool only_checking;                 /* covend -t */
	struct complaints *complaints;      /* while plugins open; NULL: the log */
	struct lookout lookout;
};

struct coven_instance {
	struct plug *plug;
	struct host *host;     /* NULL in open() and close() */
	struct host_shared *all;
	const struct edition *edition; /* in open() and close() */
	void *self;
	struct list timers, watches, sendings, mailboxes, notes, outs, dialogs;
	unsigned timer_count, tenures;
	_Atomic unsigned slow; /* how often it kept its worker for too long: see slow.h */
	bool started, waiting; /* waiting: start() said WAIT */
};

struct run; /* a walk through one phase, see phase.h */

struct host_counts {
	uint64_t requests, served, routed, refused, parked, service_calls, misbehaved, not_sip, dropped;
};

struct host {
	struct host_shared *all;
	struct loop *loop;
	struct net *net;
	struct tx *tx;
	unsigned worker;
	struct tenure *tenure;            /* what new requests come under */
	struct list tenures;
	struct coven_instance core;       /* as which the core itself calls services */
	struct names *tickets, *handles, *timers, *calls, *sendings, *journeys;
	struct names *proof_names;        /* certificates that are looked at, see proof.h: */
	struct list proofs;               /* all of connections of ours, */
	struct table proof_flows;         /* and by flow */
	struct holds *holds;              /* addresses that are left alone, see hold.h */
	struct dialogs *dialogs;          /* see dialog.h */
	struct list parked, open_calls;   /* tickets, calls: for the end */
	unsigned parked_nobody;
	uint16_t parked_by_source[HOST_SOURCES];
	struct sip_scratch scratch;       /* for messages of our own: used and done with at once */
	struct run *current;              /* whose hook is on the stack */
	unsigned starting;                /* start()s that have not ended */
	bool start_failed;
	bool draining;                    /* the server is about to end: nothing new */
	void (*started)(void *arg, bool ok);
	void *started_arg;
	struct host_counts counts;
	int64_t misfit_told; /* loop_now() */
	struct log_cause no_resolver, misbehaves, slow, unreached, unreached_name;
};

/* -- made in this order: shared, an edition, then one host a worker, then host_open, each host_start on its own thread. */
void host_shared_open(struct host_shared *all); /* a zero one gets its lists */
struct host *host_new(struct host_shared *all, unsigned worker, struct loop *loop, struct net *net);
void host_free(struct host *h); /* after the loop has stopped, and host_stop */
extern const struct tx_up host_up; /* constant: what tx asks; its argument is the struct host */

struct edition *host_newest(const struct host_shared *all); /* worker 0, or while no worker runs */
int host_open(struct host_shared *all);   /* open() of all plugins; -1: complained, those opened are closed */
void host_close(struct host_shared *all); /* and ends all editions */
/* Calls start() of all; done(arg, ok) once, perhaps later. */
void host_start(struct host *h, void (*done)(void *arg, bool ok), void *arg);
void host_stop(struct host *h);

/* The first look at a packet, by the source hooks: false, it never came. */
bool host_source(struct host *h, const struct net_packet *packet);
/* What came by that flow is no SIP, or was refused with that status: tells listeners of COVEN_MALFORMED, not too often. */
void host_misfit(struct host *h, const struct coven_flow *flow, unsigned status);
/* Bytes that are not SIP: the datagram hooks. */
void host_datagram(struct host *h, const struct net_packet *packet);
/* A stream has ended: tells this worker's transactions, and listeners of COVEN_FLOW_CLOSED on its owner. */
void host_flow_closed(struct host *h, const struct coven_flow *flow, bool owner);

struct coven_instance *host_instance(const struct host *h, const struct plug *plug);
/* What is in force for new requests, events, calls. */
const struct edition *host_edition(const struct host *h);

#endif
