/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registrar -- REGISTER: devices say where their user can be reached (RFC 3261 section
 * 10). */
#include "reg.h"
#include "wish.h"

#include <string.h>
#include <time.h>

#define PARK_MS 10000
#define RETRY_LEAST 5 /* seconds; not all phones at the same moment */
#define RETRY_MOST 30
#define DATE_ROOM 40

static const struct coven_option options[] = {
	COVEN_OPTION("authenticated", COVEN_BOOL, struct wish_options, authenticated,
		     "true",
		     "only whoever proved to be the user; false: anybody, for closed "
		     "networks"),
	COVEN_RANGE("min_expires", COVEN_TIME, struct wish_options, min_expires, "60s",
		    1000, 3600000, "shorter registrations are refused with 423"),
	COVEN_RANGE("default_expires", COVEN_TIME, struct wish_options, default_expires,
		    "1h", 1000, INT64_C(604800000),
		    "for devices that do not say how long"),
	COVEN_RANGE("max_expires", COVEN_TIME, struct wish_options, max_expires, "2h",
		    1000, INT64_C(604800000), "longer registrations are cut to this"),
	COVEN_RANGE("contacts", COVEN_INT, struct wish_options, contacts, "10", 1,
		    WISH_CONTACTS, "devices of one user"),
	COVEN_RANGE("contact_size", COVEN_SIZE, struct wish_options, contact_size, "2k",
		    64, 8192, "the longest Contact, and the longest Path in all"),
	COVEN_OPTION("date", COVEN_BOOL, struct wish_options, date, "true",
		     "tell the time in answers, for phones without a clock"),
	COVEN_OPTIONS_END
};

static enum coven_verdict
refuse(struct coven_request *req, int status, const char *reason, const char *name,
       struct coven_slice value)
{
	if (coven_reply(req, status, reason) != 0)
		return COVEN_FAIL;
	if (name && value.at)
		coven_add_header(coven_reply_view(req), name, value, false);
	return COVEN_REPLIED;
}

/* Not for ever, and not because of the request. */
static enum coven_verdict
not_now(struct coven_request *req, int status, const char *reason)
{
	uint32_t random;

	coven_random(&random, sizeof random);
	return refuse(req, status, reason, "Retry-After",
		      coven_print(req, "%u",
				  RETRY_LEAST + random % (RETRY_MOST - RETRY_LEAST + 1)));
}

/* -- the answer -- */

static int
add_contact(struct coven_request *req, const struct coven_binding *b, int64_t wall_ms)
{
	int64_t left = (b->expires_ms - wall_ms + 999) / 1000;
	struct coven_slice q = { "", 0 }, value;

	if (b->q < 1000)
		q = coven_print(req, ";q=0.%03u", (unsigned)b->q);
	value = coven_print(req, "<%.*s>%.*s;expires=%lld%.*s", (int)b->contact.length,
			    b->contact.at, (int)q.length, q.at, (long long)left,
			    (int)b->words.length, b->words.at ? b->words.at : "");
	return value.at ? coven_add_header(coven_reply_view(req), "Contact", value, false)
			: -1;
}

/* RFC 3327 5.3: the device sees which path was taken. */
static int
add_paths(struct coven_request *req)
{
	struct coven_slice path;

	for (size_t i = 0; (path = coven_header(coven_view(req), "Path", i)).at; i++)
		if (coven_add_header(coven_reply_view(req), "Path", path, false) != 0)
			return -1;
	return 0;
}

/* In English whatever the locale. */
static int
add_date(struct coven_request *req, int64_t wall_ms)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = (time_t)(wall_ms / 1000);
	struct coven_slice date;
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return -1;
	date = coven_print(req, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT",
			   days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
			   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return date.at ? coven_add_header(coven_reply_view(req), "Date", date, false)
		       : -1;
}

static enum coven_verdict
show(struct coven_instance *in, struct coven_request *req,
     const struct coven_bindings *list)
{
	const struct wish_options *o = coven_options(in);
	int64_t wall_ms = coven_wall_ms(in);

	if (coven_reply(req, 200, NULL) != 0)
		return COVEN_FAIL;
	for (size_t i = 0; list && i < list->count; i++)
		if (add_contact(req, coven_binding_at(list, i), wall_ms) != 0)
			return COVEN_FAIL;
	if (add_paths(req) != 0 || (o->date && add_date(req, wall_ms) != 0))
		return COVEN_FAIL;
	return COVEN_REPLIED;
}

static enum coven_verdict
answer(struct coven_instance *in, struct coven_request *req,
       enum coven_store_result result, const struct coven_bindings *list)
{
	struct coven_slice none = { NULL, 0 };

	switch (result) {
	case COVEN_STORE_OK:
	case COVEN_STORE_NONE:
		return show(in, req, list);
	case COVEN_STORE_STALE:
		return refuse(req, 500, "CSeq Is Not Higher", NULL, none);
	case COVEN_STORE_FULL:
		return refuse(req, 403, "Too Many Contacts", NULL, none);
	case COVEN_STORE_DOWN:
	case COVEN_STORE_REFUSED:
	case COVEN_STORE_CHANGED:
		break;
	}
	return not_now(req, 500, "Registrations Cannot Be Stored");
}

static void
stored(struct coven_instance *in, uint64_t ticket, int result,
       const struct coven_bindings *list)
{
	struct coven_request *req = coven_parked(in, ticket);

	if (!req)
		return;
	if (result == COVEN_STORE_OK && coven_header(coven_view(req), "Contact", 0).at)
		reg_log(in, req, 200, list ? list->count : 0);
	coven_resume(in, ticket, answer(in, req, (enum coven_store_result)result, list));
}

/* -- the request -- */

/* "example.com." is "example.com". */
static struct coven_slice
without_dot(struct coven_slice host)
{
	if (host.length > 1 && host.at[host.length - 1] == '.')
		host.length--;
	return host;
}

/* Whose bindings?  { NULL, 0 }: not those of a user of ours, or not of the domain that
 * was asked. */
static struct coven_slice
whose(struct coven_instance *in, struct coven_request *req)
{
	struct coven_slice to = coven_header(coven_view(req), "To", 0);
	struct coven_slice aor = coven_aor(req, coven_part(to, COVEN_URI, NULL));
	struct coven_slice domain = coven_part(aor, COVEN_HOST, NULL);
	struct coven_slice asked = without_dot(
		coven_part(coven_uri(coven_view(req)), COVEN_HOST, NULL));

	if (!aor.at || !coven_is_domain(in, domain) ||
	    (coven_is_domain(in, asked) && !coven_alike(asked, domain)))
		return (struct coven_slice){ NULL, 0 };
	return aor;
}

/* What the request insists on and we do not have, "a, b"; { NULL, 0 }: nothing. */
static struct coven_slice
unsupported(struct coven_request *req)
{
	struct coven_slice list = { NULL, 0 }, tag;

	for (size_t i = 0; (tag = coven_header(coven_view(req), "Require", i)).at; i++) {
		if (coven_alike(tag, coven_text("path")))
			continue;
		list = coven_print(req, "%.*s%s%.*s", (int)list.length,
				   list.at ? list.at : "", list.at ? ", " : "",
				   (int)tag.length, tag.at);
		if (!list.at)
			return tag;
	}
	return list;
}

static enum coven_verdict
refuse_wish(struct coven_instance *in, struct coven_request *req,
	    const struct contact_fault *fault)
{
	const struct wish_options *o = coven_options(in);
	struct coven_slice least = { NULL, 0 };

	if (fault->status != 423)
		return refuse(req, fault->status, fault->reason, NULL, least);
	least = coven_print(req, "%lld", (long long)((o->min_expires + 999) / 1000));
	return refuse(req, 423, NULL, "Min-Expires", least);
}

static enum coven_verdict
put(struct coven_instance *in, struct coven_request *req, struct coven_slice aor)
{
	const struct wish_options *o = coven_options(in);
	struct coven_limits limits = { .size = sizeof limits,
				       .bindings = (uint32_t)o->contacts };
	struct contact_fault fault;
	struct wish wish;
	coven_ticket ticket;

	if (wish_read(in, req, &wish, &fault) != 0)
		return refuse_wish(in, req, &fault);
	ticket = coven_park(in, req, PARK_MS, NULL, NULL);
	if (ticket == 0)
		return not_now(req, 503, NULL);
	if (wish.count)
		coven_store_update(in, aor, wish.changes, wish.count, &limits, stored,
				   ticket);
	else
		coven_store_find(in, aor, stored, ticket);
	return COVEN_WAIT;
}

static enum coven_verdict
serve(struct coven_instance *in, struct coven_request *req, struct coven_branch *br)
{
	const struct wish_options *o = coven_options(in);
	struct coven_slice missing = unsupported(req), aor = whose(in, req),
			   none = { NULL, 0 };

	if (missing.at)
		return refuse(req, 420, NULL, "Unsupported", missing);
	if (!aor.at)
		return refuse(req, 404, NULL, NULL, none);
	if (o->authenticated && !coven_same(aor, coven_caller(req)))
		return refuse(req, 403, NULL, NULL, none);
	return put(in, req, aor);
}

static int
check_options(struct coven_instance *in)
{
	const struct wish_options *o = coven_options(in);

	if (o->min_expires <= o->default_expires && o->default_expires <= o->max_expires)
		return 0;
	coven_complain(in, NULL, "default_expires",
		       "default_expires is not between min_expires and max_expires");
	return -1;
}

static const struct coven_hook hooks[] = { { COVEN_SERVE, serve, "REGISTER" },
					   { 0, NULL, NULL } };
static const struct coven_need needs[] = { { "store", COVEN_STORE_VERSION },
					   { NULL, 0 } };

static const struct coven_command commands[] = { { "reg", REG_USAGE, REG_HELP, reg_command },
						 { NULL, NULL, NULL, NULL } };

COVEN_PLUGIN(.name = "registrar", .version = "0.1.0",
	     .summary = "devices say where their user can be reached",
	     .options_size = sizeof(struct wish_options), .options = options,
	     .hooks = hooks, .commands = commands, .needs = needs, .open = check_options,
	     .start = reg_start, .stop = reg_stop);
