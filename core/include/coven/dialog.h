/* SPDX-License-Identifier: MIT
 * coven/dialog.h -- dialogs of a plugin's own (RFC 3261 section 12): subscriptions, as the one who serves them
 * (UAS) or who makes them (UAC).  Built into the core: nobody need give a service.
 *
 * Owner    a dialog is the plugin's that made it, which frees it; what is left after its stop() the core frees,
 *          saying nothing to the peer.
 * Thread   it lives on the worker that owns its Call-ID, where every request inside it arrives.
 * Safety   our tag is 128 random bits.  A request belongs to a dialog only by its Call-ID and both tags, with a CSeq
 *          that rises (else 500), and is then shown to nobody but the SERVE hooks of the plugin that has the
 *          dialog: AUTH is skipped, coven_caller() is whoever it was when the dialog began.
 */
#ifndef COVEN_DIALOG_H
#define COVEN_DIALOG_H

#include <coven/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

struct coven_dialog;

/* -- UAS, in SERVE.  Replies (then say REPLIED, or WAIT and later REPLIED): a 2xx begins a dialog, or inside one takes
 *    the new Contact of the other side; our tag and our Contact are put there, other headers are yours to add.  NULL:
 *    no dialog came of it; it was answered all the same: with your status when that is no 2xx, 400 without a Contact
 *    that can be used, 481 for a To tag that is none of ours, 503 when there are too many. */
struct coven_dialog *coven_dialog_answer(struct coven_instance *in, struct coven_request *req, int status,
                                         const char *reason);
/* The dialog of this plugin that a request came in, or has begun; NULL: none, or it was freed meanwhile. */
struct coven_dialog *coven_dialog_of(struct coven_instance *in, const struct coven_request *req);

/* -- UAC.  A request that begins a dialog: give it headers, then coven_send() it, with no target of your own or
 *    with one.  `from` empty: the first domain.  Its Contact is put there as it leaves.  In `done` say what came by
 *    coven_dialog_answered().  What the other side sends before its 2xx (a NOTIFY) begins the dialog, too, when your
 *    hook gives it a 2xx by coven_dialog_answer(); of several that answer only the first has the dialog. */
struct coven_message *coven_dialog_ask(struct coven_instance *in, const char *method, struct coven_slice from,
                                       struct coven_slice to, struct coven_dialog **dialog);

/* -- both.  The next request inside the dialog: CSeq, tags, route set, remote target and Contact are in it; send it
 *    without a target.  NULL: not begun yet, no memory, or a plugin that has been replaced at a reload: whoever came
 *    after it has restored the dialog and speaks now. */
struct coven_message *coven_dialog_request(struct coven_dialog *dialog, const char *method);
/* In `done`: takes a new Contact from a 2xx.  False: the other side has forgotten the dialog (404, 408, 481, ... of RFC
 * 6665 4.2.2), or it never began; free it. */
bool coven_dialog_answered(struct coven_dialog *dialog, int status, const struct coven_message *response);
void coven_dialog_free(struct coven_dialog *dialog); /* NULL is harmless; its requests on the way are sent all the same */

void *coven_dialog_data(const struct coven_dialog *dialog);
void coven_dialog_set_data(struct coven_dialog *dialog, void *data); /* yours */

/* Slices live until the dialog's next request or answer. */
struct coven_dialog_info {
	uint32_t size, local_seq, remote_seq; /* set size first */
	bool uac, begun, secure;
	struct coven_slice call_id, local_tag, remote_tag, local_uri, remote_uri, remote_target, caller;
};
void coven_dialog_facts(const struct coven_dialog *dialog, struct coven_dialog_info *info);

/* -- as bytes, to be kept in a table of the store.  Save it when it has begun, after each request, and when it was
 *    restored: then CSeq has leapt over up to 1000 requests that left and were never saved.  Gives the length,
 *    whether or not there was room. */
#define COVEN_DIALOG_SAVED_MAX 12288
size_t coven_dialog_save(const struct coven_dialog *dialog, void *room, size_t length);
/* In start(), on every worker.  0: *dialog is there; 1: another worker owns it, or it is there already; -1: damaged, of
 * an unknown version, no memory. */
int coven_dialog_restore(struct coven_instance *in, struct coven_slice saved, struct coven_dialog **dialog);

#ifdef __cplusplus
}
#endif
#endif
