/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state: what floor 4 knows of a request and of a branch beyond what the transaction layer does, and the views
 * that plugins are given. */
#ifndef HOST_STATE_H
#define HOST_STATE_H

#include "host/phase.h"
#include "host/tenure.h"
#include "sip/uri.h"

struct coven_message { /* a view: a layer of edits, or a request of our own that is being written */
	struct edit *edit;
	struct coven_request *request; /* whose it is; NULL: a message for coven_send() */
	bool writable;
	struct arena *arena;           /* of a message for coven_send(): its own */
	struct coven_target *target;   /* ... where it goes unless coven_send() is told; or NULL */
	bool wants_contact, secure_contact; /* ... our Contact is put there as it leaves; as a sips URI */
	struct sip_message own;
	struct edit own_edit;
};

struct host_data { /* coven_set_data() */
	struct host_data *next;
	const struct plug *plug;
	void *data;
	void (*destroy)(void *data);
};

struct host_request {
	struct tenure *tenure;          /* held */
	struct run run;
	struct sip_uri uri;             /* the Request-URI, after Route processing */
	struct coven_slice destination; /* R-URI, or the name that goes through ROUTE again */
	struct coven_slice caller;      /* AoR that AUTH found, or none */
	bool for_domain;                /* the domain itself is asked, not one of its users */
	bool local_user;
	bool route_left;                /* a foreign Route stands on top */
	uint8_t depth;                  /* of the name that is in ROUTE */
	int64_t name_q;
	bool naming;                    /* ROUTE runs for a name */
	unsigned before;                /* targets there were when it began */
	struct coven_branch *names;     /* that wait for their turn in ROUTE */
	struct work names_work;
	struct host_data *data;
	size_t data_given;              /* bytes, by coven_alloc() and coven_print() */
	uint64_t handle;                /* coven_hold(), 0: nobody did */
	struct coven_message view, reply_view;

	uint16_t reply_status;          /* a final reply was made and has not left */
	uint16_t reply_shown;           /* of the one that REPLY hooks see now */
	struct coven_slice reply_bytes; /* as built */
	struct sip_message reply;       /* scanned, when somebody wants to see it */
	struct edit reply_edit;
	bool reply_scanned;
	uint64_t dialog;                /* it came inside a dialog of a plugin (see dialog.h), of dialog_plug; 0: no */
	const struct plug *dialog_plug;
	bool wants_contact, secure_contact; /* a request of our own, see above */
	struct sending *sending;        /* a request of our own: who waits for its answer */
};

struct queued_response {
	struct queued_response *next;
	struct sip_message message;
};

struct way; /* see journey.c */

struct host_branch {
	struct coven_branch *branch;
	struct run run;
	struct coven_message view, response;
	struct coven_branch *next_name; /* in host_request.names */
	struct queued_response *first, **last; /* behind one that waits in RECV */
	unsigned queued;
	const struct way *way;          /* the address that it tries, of those its target's name has led to; or NULL */
	struct timer silence;           /* until the next one is tried beside it */
	bool connecting;                /* when the timer was started there was no connection yet */
};

/* NULL: no memory. */
struct host_request *state_of(struct coven_request *r, struct host *h);
struct host_branch *state_of_branch(struct coven_branch *b);
/* What it began with, and ends with. */
static inline const struct chain *
state_chain(const struct coven_request *r)
{
	const struct host_request *hr = r->host;

	return &hr->tenure->edition->chain;
}

static inline struct host *
host_of(const struct coven_request *r)
{
	return r->tx->up_arg;
}

#endif
