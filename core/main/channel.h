/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel: what a covend and its successor say to each other, while one takes the other's place.
 *
 *   old                               new
 *   HELLO, before it is there  ->
 *                              <-     LOADED: its configuration is good, its sockets are open, nothing is read yet
 *   STREAM, KEYS ..., GO       ->     the old one reads nothing any more, and its plugins have given way
 *                              <-     READY: the new one reads
 *                              <-     MESSAGE: what came to the new one and belongs to a transaction of the old one
 *   SEND                       ->     what a transaction of the old one has to say on a connection that has gone over
 *
 * Either sees the end of the other by the end of the channel. */
#ifndef MAIN_CHANNEL_H
#define MAIN_CHANNEL_H

#include "base/keyed.h"
#include "net/net.h"

#define CHANNEL_VERSION 1 /* another one: a restart is needed */
#define CHANNEL_KEYS_MAX 4096 /* of one message */
#define CHANNEL_MESSAGE_MAX (128 * 1024)

enum channel_kind { CHANNEL_HELLO = 1, CHANNEL_LOADED, CHANNEL_KEYS, CHANNEL_GO, CHANNEL_READY, CHANNEL_MESSAGE,
                    CHANNEL_STREAM, CHANNEL_SEND };

struct channel_head {
	uint32_t version, kind;
};

struct channel_hello {
	struct channel_head head;
	struct keyed shared_hash;
	uint32_t boot, base, workers;
	uint64_t listeners; /* channel_listeners(): flows keep their names if it is the same */
};

struct channel_keys {
	struct channel_head head;
	uint64_t count; /* in GO: of all; in LOADED: flows keep their names; in READY: the process */
	uint64_t at[];
};

struct channel_message { /* SEND, too: flow and bytes */
	struct channel_head head;
	struct coven_flow flow;
	uint32_t transport;
	struct coven_address near_end, far_end;
	char bytes[];
};

struct channel_stream { /* with its descriptor */
	struct channel_head head;
	struct net_lent lent;
};

uint64_t channel_listeners(const struct keyed *key, const struct net_shared *net);

#endif
