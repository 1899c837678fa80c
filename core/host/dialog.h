/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog: the dialogs of plugins, of one worker.  Implements coven/dialog.h. */
#ifndef HOST_DIALOG_H
#define HOST_DIALOG_H

#include "host/dialog_state.h"
#include "host/state.h"
#include <coven/dialog.h>

#define DIALOGS_MAX 100000 /* of one worker */

struct coven_dialog {
	struct table_node node; /* in dialogs->table, by Call-ID and our tag */
	struct list link;       /* in instance->dialogs */
	struct coven_instance *in;
	uint64_t name;          /* what a request knows it by */
	struct dialog_state state;
	uint8_t *memory;        /* the texts of state */
	void *data;             /* the plugin's */
};

struct dialogs;
struct dialogs *dialogs_new(unsigned worker); /* NULL: no memory */
void dialogs_free(struct dialogs *d);         /* those in it have gone with their instances */

/* -- making: dialog.c alone knows the table.  NULL: no memory, or DIALOGS_MAX.  What state points to is copied. */
struct coven_dialog *dialog_new(struct coven_instance *in, const struct dialog_state *state);
/* Another state; -1: no memory, it has the old one. */
int dialog_set(struct coven_dialog *d, const struct dialog_state *state);
/* One of this very instance. */
struct coven_dialog *dialog_find(struct coven_instance *in, struct coven_slice call_id, struct coven_slice local_tag);
void dialog_purge(struct coven_instance *in); /* those that it left behind */

/* -- requests that arrive.  Finds the dialog that the request belongs to, of a plugin that the request's own chain has,
 *    and notes it; from then on the host treats it as one for the domain, for that plugin's eyes only. */
bool dialog_arrive(struct host *h, struct coven_request *r);
/* Before SERVE: 0, or 481 (it has gone meanwhile), 500 (its CSeq is not higher). */
unsigned dialog_judge(struct coven_request *r);
/* May a SERVE hook of that plugin see it? */
static inline bool
dialog_admits(const struct host_request *hr, const struct plug *plug)
{
	return !hr->dialog || hr->dialog_plug == plug;
}

/* -- our own Contact: the address by which we are reached from there. */
#define DIALOG_CONTACT_ROOM 128
struct coven_slice dialog_contact(const struct net_flow_facts *by, bool secure, char room[DIALOG_CONTACT_ROOM]);
/* Puts it into a request that is about to leave, unless the plugin gave one. */
int dialog_put_contact(struct coven_branch *b);

#endif
