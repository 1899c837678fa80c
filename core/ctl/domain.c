/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two keys are there at all times, and both are published: the one in use, and the next one. When the next one has been
 * in the DNS for two TTLs every resolver that knows the old records has forgotten them (RFC 7671 8.1), and it can be
 * taken into use at once; then there is a new next one. */
#include "ctl/domain.h"
#include "ctl/answer.h"
#include "ctl/domain_zone.h"
#include "ctl/places.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN_MAX 200   /* characters: labels stand before it */
#define LABEL_MAX 63
#define TTL_MAX 604800
#define TIME_ROOM 32

struct paths {
	char folder[PLACES_PATH], present[PLACES_PATH], next[PLACES_PATH], old[PLACES_PATH];
};

struct task {
	struct zone_plan plan;
	struct paths paths;
	char domain[DOMAIN_MAX + 1], host[DOMAIN_MAX + 8];
	const char *given_host, *folder;
	bool roll, force, as_json;
	bool made; /* the present key, now */
};

static int
complain(const char *what, const char *why)
{
	fprintf(stderr, "covenctl: domain: %s: %s\n", what, why);
	return -1;
}

/* -- words */

static bool
is_label(const char *at, size_t length)
{
	if (!length || length > LABEL_MAX || at[0] == '-' || at[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)at[i]) && at[i] != '-')
			return false;
	return true;
}

static bool
is_number(const char *text)
{
	return text[strspn(text, "0123456789.")] == '\0';
}

/* In lower case, without a dot at the end. Two labels at least: nobody publishes anything in the root. */
static int
take_name(char *room, size_t size, const char *text)
{
	size_t length = strlen(text), labels = 0;
	const char *at;

	if (length && text[length - 1] == '.')
		length--;
	if (length >= size || length > DOMAIN_MAX || is_number(text))
		return complain(text, "that is no name of a domain");
	for (size_t i = 0; i < length; i++)
		room[i] = (char)tolower((unsigned char)text[i]);
	room[length] = '\0';
	at = room;
	while (true) {
		size_t n = strcspn(at, ".");

		if (!is_label(at, n))
			return complain(text, "a domain is made of letters, digits and \"-\"; others in their ASCII form, xn--");
		labels++;
		if (at[n] == '\0')
			break;
		at += n + 1;
	}
	return labels > 1 ? 0 : complain(text, "that is no whole name of a domain");
}

static int
take_figure(unsigned *to, const char *what, const char *text, unsigned max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || !isdigit((unsigned char)*text) || *end || !value || value > max)
		return complain(what, "that is no number, or too large a one");
	*to = (unsigned)value;
	return 0;
}

static int
take_value(struct task *t, const char *option, const char *value)
{
	if (!strcmp(option, "--address"))
		return zone_add_address(&t->plan, value) == 0 ? 0 : complain(value, "that is no address, or one too many");
	if (!strcmp(option, "--host")) {
		t->given_host = value;
		return take_name(t->host, sizeof t->host, value);
	}
	if (!strcmp(option, "--folder")) {
		t->folder = value;
		return 0;
	}
	if (!strcmp(option, "--ttl"))
		return take_figure(&t->plan.ttl, "--ttl", value, TTL_MAX);
	if (!strcmp(option, "--port"))
		return take_figure(&t->plan.port, "--port", value, 65535);
	if (!strcmp(option, "--tls-port"))
		return take_figure(&t->plan.tls_port, "--tls-port", value, 65535);
	return complain(option, "there is no such option");
}

static int
take_words(struct task *t, size_t count, const char *const *words)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], "--roll"))
			t->roll = true;
		else if (!strcmp(words[i], "--force"))
			t->force = true;
		else if (words[i][0] == '-' && i + 1 == count)
			return complain(words[i], "there is no such option, or its value is missing");
		else if (words[i][0] == '-') {
			if (take_value(t, words[i], words[i + 1]) != 0)
				return -1;
			i++;
		} else if (*t->domain)
			return complain(words[i], "one domain at a time");
		else if (take_name(t->domain, sizeof t->domain, words[i]) != 0)
			return -1;
	}
	if (!*t->domain)
		return complain("usage", "covenctl domain NAME [--roll] [--address ADDRESS] [--host HOST] [--folder FOLDER] "
		                "[--ttl SECONDS] [--port PORT] [--tls-port PORT]");
	if (!t->given_host)
		snprintf(t->host, sizeof t->host, "sip.%s", t->domain);
	return 0;
}

/* -- files */

static bool
path_of(char room[PLACES_PATH], const struct task *t, const char *end)
{
	return snprintf(room, PLACES_PATH, "%s/%s%s", t->paths.folder, t->domain, end) < PLACES_PATH;
}

/* Beside the configuration if no other folder is named; an absolute path, for the configuration. */
static int
find_paths(struct task *t)
{
	struct places p;
	char room[PLACES_PATH];
	char *slash;

	if (t->folder) {
		if (snprintf(room, sizeof room, "%s", t->folder) >= (int)sizeof room)
			return complain(t->folder, "the path is too long");
	} else {
		places_find(&p);
		slash = strrchr(p.config, '/');
		if (!slash)
			return complain("--folder", "say where the keys are to be");
		*slash = '\0';
		if (snprintf(room, sizeof room, "%s/tls", p.config) >= (int)sizeof room)
			return complain(p.config, "the path is too long");
	}
	if (domain_key_folder(room) != 0)
		return -1;
	if (!realpath(room, t->paths.folder))
		return complain(room, strerror(errno));
	if (!path_of(t->paths.present, t, ".pem") || !path_of(t->paths.next, t, ".next.pem") ||
	    !path_of(t->paths.old, t, ".old.pem"))
		return complain(room, "the path is too long");
	return 0;
}

/* The key of that file; a new one if there is none. */
static int
want_key(const char *path, const char *domain, struct domain_key *key, bool *made)
{
	int rc = domain_key_read(path, key);

	*made = rc == 1;
	if (rc == 1)
		rc = domain_key_make(path, domain) == 0 ? domain_key_read(path, key) : -1;
	return rc == 0 ? 0 : -1;
}

/* -- roll-over */

static time_t
next_ready(const struct task *t)
{
	return t->plan.next.since + 2 * (time_t)t->plan.ttl;
}

static const char *
print_time(time_t when, char room[TIME_ROOM])
{
	struct tm tm;

	if (!gmtime_r(&when, &tm) || !strftime(room, TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", &tm))
		*room = '\0';
	return room;
}

/* -1: it has been said why not. */
static int
roll(struct task *t)
{
	char when[TIME_ROOM], why[128];
	const struct paths *p = &t->paths;

	if (time(NULL) < next_ready(t) && !t->force) {
		snprintf(why, sizeof why, "the next key may still be unknown to resolvers: wait until %s (two TTLs)",
		         print_time(next_ready(t), when));
		return complain(t->domain, why);
	}
	if ((unlink(p->old) != 0 && errno != ENOENT) || link(p->present, p->old) != 0)
		return complain(p->old, strerror(errno));
	if (rename(p->next, p->present) != 0) /* from here on the other one is in use */
		return complain(p->present, strerror(errno));
	t->plan.present = t->plan.next;
	if (domain_key_make(p->next, t->domain) != 0)
		return -1;
	return domain_key_read(p->next, &t->plan.next) == 0 ? 0 : -1;
}

/* -- the answer */

static void
print_notes(const struct task *t)
{
	char when[TIME_ROOM];

	if (t->made)
		printf("; made: a key and a certificate for %s, %s\n", t->domain, t->paths.present);
	if (t->plan.found)
		printf("; addresses: those of this machine%s; --address names others\n", t->plan.private ?
		       ". THEY ARE PRIVATE: nobody outside this network can call" : "");
	if (!t->plan.address_count)
		printf("; NO ADDRESS was found: name one with --address\n");
	if (t->roll)
		printf("; rolled over. First: covenctl reload. Then: publish what stands below in the place of what was there.\n");
	printf("; covend needs: listen = ( \"udp:*:%u\", \"tcp:*:%u\", \"tls:*:%u\" );\n", t->plan.port, t->plan.port,
	       t->plan.tls_port);
	printf(";   tls = ( { domain = \"%s\"; certificate = \"%s\"; key = \"%s\"; } );\n", t->domain, t->paths.present,
	       t->paths.present);
	printf("; the next key may be used from %s on, if these lines have been published by now: covenctl domain %s --roll\n",
	       print_time(next_ready(t), when), t->domain);
	printf("; the zone must be signed (DNSSEC), else the TLSA lines count for nothing\n");
}

static void
print_text(const struct task *t, const struct zone *z)
{
	print_notes(t);
	for (size_t i = 0; i < z->count; i++) {
		const struct zone_record *r = &z->records[i];

		printf("%s\t%u\tIN\t%s\t%s%s%s\n", r->name, t->plan.ttl, r->type, r->data, r->note ? " ; " : "",
		       r->note ? r->note : "");
	}
}

static json_t *
record_json(const struct task *t, const struct zone_record *r)
{
	json_t *o = json_pack("{s:s,s:i,s:s,s:s}", "name", r->name, "ttl", (int)t->plan.ttl, "type", r->type, "data", r->data);

	if (o && r->note)
		json_object_set_new(o, "note", json_string(r->note));
	return o;
}

static void
print_json(const struct task *t, const struct zone *z)
{
	char when[TIME_ROOM];
	json_t *records = json_array();
	json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:s}", "domain", t->domain, "host", t->host, "certificate",
	                      t->paths.present, "key", t->paths.present, "made", t->made, "rolled", t->roll, "private",
	                      t->plan.private, "next_from", print_time(next_ready(t), when));

	for (size_t i = 0; i < z->count; i++)
		json_array_append_new(records, record_json(t, &z->records[i]));
	json_object_set_new(o, "records", records);
	json_dumpf(o, stdout, 0);
	putchar('\n');
	json_decref(o);
}

static int
run(struct task *t, struct zone *z)
{
	bool made;

	if (find_paths(t) != 0 || want_key(t->paths.present, t->domain, &t->plan.present, &t->made) != 0 ||
	    want_key(t->paths.next, t->domain, &t->plan.next, &made) != 0)
		return CTL_REFUSED;
	if (t->roll && roll(t) != 0)
		return CTL_REFUSED;
	if (!t->plan.address_count)
		zone_find_addresses(&t->plan);
	zone_make(z, &t->plan);
	if (t->as_json)
		print_json(t, z);
	else
		print_text(t, z);
	return fflush(stdout) == 0 ? CTL_GOOD : CTL_REFUSED;
}

int
domain_run(size_t count, const char *const *words, bool as_json)
{
	struct task *t = calloc(1, sizeof *t);
	struct zone *z = calloc(1, sizeof *z);
	int code = CTL_REFUSED;

	if (t && z) {
		t->as_json = as_json;
		t->plan.ttl = 3600;
		t->plan.port = 5060;
		t->plan.tls_port = 5061;
		t->plan.domain = t->domain;
		t->plan.host = t->host;
		code = take_words(t, count, words) == 0 ? run(t, z) : CTL_USAGE;
	}
	free(z);
	free(t);
	return code;
}
