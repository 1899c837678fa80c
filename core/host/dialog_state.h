/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog_state: what a dialog is (RFC 3261 12), learnt from messages, checked, written as bytes and read again. */
#ifndef HOST_DIALOG_STATE_H
#define HOST_DIALOG_STATE_H

#include "net/net.h"
#include "sip/edit.h"

/* Limits: what is longer is no dialog of ours. */
#define DIALOG_CALL_ID_MAX 256
#define DIALOG_TAG_MAX 128
#define DIALOG_URI_MAX 1024
#define DIALOG_TARGET_MAX 2048
#define DIALOG_ROUTES_MAX 32
#define DIALOG_ROUTE_MAX 4096    /* bytes of the whole route set */
#define DIALOG_SEQ_MAX 0x7fffffffu
#define DIALOG_SEQ_LEAP 1000     /* what a restart may have forgotten */

struct dialog_state {
	bool uac, secure;
	bool begun;                  /* the other side's tag is known */
	bool heard;                  /* ... and a CSeq of its */
	bool vouched;                /* whoever began it had proved an account */
	uint32_t local_seq, remote_seq;
	uint8_t flow[NET_FLOW_PACKED], flow_length; /* the stream it came by; 0: none */
	struct coven_slice call_id, local_tag, remote_tag;
	struct coven_slice local_uri, remote_uri;
	struct coven_slice target;   /* remote target: a URI; none until it has begun */
	struct coven_slice route;    /* "<a>, <b>", or none */
	struct coven_slice caller;   /* AoR that AUTH had found, or none */
};

/* Is every part well-formed, within its limit, and of a kind that cannot break a message? */
bool dialog_state_good(const struct dialog_state *s);

/* From a request that the other side sent to us: remote tag, URIs, route set in its order, target, CSeq; of s the
 * local tag stays.  0, or the status that it deserves.  Texts lie in the message or the arena. */
unsigned dialog_state_hear(struct dialog_state *s, const struct edit *request, struct arena *arena);
/* From the 2xx to a request of ours: route set in the opposite order. */
unsigned dialog_state_answered(struct dialog_state *s, const struct edit *response, struct arena *arena);
/* A target refresh: the Contact of a request or of a 2xx; without one all stays.  0, or 400. */
unsigned dialog_state_refresh(struct dialog_state *s, const struct edit *message);

/* Gives the length needed, and writes when there is room. */
size_t dialog_state_save(const struct dialog_state *s, uint8_t *room, size_t length);
/* Texts lie in the bytes.  -1: damaged, or a version that is not known. */
int dialog_state_read(struct dialog_state *s, struct coven_slice bytes);

#endif
