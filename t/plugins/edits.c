/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edits -- changes headers as the options say: in SEND of a branch, in RECV of its
 * response, in REPLY of an answer of our own, in ROUTE of what all branches share. */
#include <coven/plugin.h>

enum where { IN_ROUTE, IN_SEND, IN_RECV, IN_REPLY };
enum how { ADD, ADD_TOP, REPLACE, REMOVE };

struct row {
	int64_t in, how, nth;
	struct coven_slice header, value;
	bool refused; /* the core must say no */
};

struct options {
	struct coven_rows edits;
};

static const char *const wheres[] = { "route", "send", "recv", "reply", NULL };
static const char *const hows[] = { "add", "top", "replace", "remove", NULL };

static const struct coven_option columns[] = {
	COVEN_CHOICE("in", struct row, in, "send", wheres, "the phase"),
	COVEN_CHOICE("how", struct row, how, "add", hows, "what is done"),
	COVEN_RANGE("nth", COVEN_INT, struct row, nth, "0", 0, 100, "which value"),
	COVEN_OPTION("header", COVEN_STRING, struct row, header, NULL, "its name"),
	COVEN_OPTION("value", COVEN_STRING, struct row, value, "", "what is written"),
	COVEN_OPTION("refused", COVEN_BOOL, struct row, refused, "false",
		     "the core must say no"),
	COVEN_OPTIONS_END
};

static const struct coven_option options[] = { COVEN_ROWS("edits", struct options, edits,
							  struct row, columns,
							  "one after the other"),
					       COVEN_OPTIONS_END };

static int
edit(struct coven_message *m, const struct row *row)
{
	switch ((enum how)row->how) {
	case ADD:
	case ADD_TOP:
		return coven_add_header(m, row->header.at, row->value,
					row->how == ADD_TOP);
	case REPLACE:
		return coven_replace(m, row->header.at, (size_t)row->nth, row->value);
	case REMOVE:
		break;
	}
	return coven_remove(m, row->header.at, (size_t)row->nth);
}

static enum coven_verdict
edit_all(struct coven_instance *in, struct coven_message *m, enum where where)
{
	const struct options *o = coven_options(in);
	const struct row *rows = o->edits.at;

	for (size_t i = 0; i < o->edits.count; i++) {
		int done;

		if (rows[i].in != where)
			continue;
		done = edit(m, &rows[i]);
		if ((done != 0) != rows[i].refused)
			coven_log(in, COVEN_ERROR, "edit %zu of %s: %d", i,
				  rows[i].header.at, done);
	}
	return COVEN_NEXT;
}

static enum coven_verdict
route(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	return edit_all(in, coven_view(req), IN_ROUTE);
}

static enum coven_verdict
send(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	return edit_all(in, coven_branch_view(br), IN_SEND);
}

static enum coven_verdict
recv(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	return edit_all(in, coven_response(br), IN_RECV);
}

static enum coven_verdict
reply(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	return edit_all(in, coven_reply_view(req), IN_REPLY);
}

static const struct coven_hook hooks[] = { { COVEN_ROUTE, route, NULL },
					   { COVEN_SEND, send, NULL },
					   { COVEN_RECV, recv, NULL },
					   { COVEN_REPLY, reply, NULL },
					   { 0, NULL, NULL } };

COVEN_PLUGIN(.name = "edits", .version = "1.0",
	     .summary = "header edits by options, for tests",
	     .options_size = sizeof(struct options), .options = options, .hooks = hooks);
