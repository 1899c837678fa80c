/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own: requests that plugins send themselves.  Implements coven_new_request(), coven_send() and the like. */
#ifndef HOST_OWN_H
#define HOST_OWN_H

#include "host/state.h"

#define OWN_CALL_ID 40 /* room */
#define OWN_HOME 300

/* What the lines say that a request begins with; URIs without brackets, to_tag empty outside a dialog. */
struct own_line {
	const char *method;
	struct coven_slice uri, from, from_tag, to, to_tag, call_id;
	uint32_t seq;
};
/* NULL: no memory, or not a message. */
struct coven_message *own_write(struct coven_instance *in, const struct own_line *line);
/* One that belongs to this worker, so that whatever comes back inside its dialog does, too. */
struct coven_slice own_call_id(struct coven_instance *in, char room[OWN_CALL_ID]);
struct coven_slice own_home(struct coven_instance *in, char room[OWN_HOME]); /* "sip:" and the first domain */

void own_answered(void *up, struct coven_request *r, unsigned status, const struct sip_message *m,
                  struct coven_branch *b);
void own_purge(struct coven_instance *in); /* every `done` that is outstanding runs, with 487 */

#endif
