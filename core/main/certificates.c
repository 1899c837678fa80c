/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificates: each mistake has a line of its own, with what to do about it. */
#include "main/certificates.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FORBIDDEN (S_IWGRP | S_IRWXO)

struct entry {
	const struct settings_tls *row;
	const struct option_set *set;
	uid_t user;
	struct complaints *list;
	bool wrong;
};

__attribute__((format(printf, 3, 4))) static void
wrong(struct entry *e, const char *key, const char *fmt, ...)
{
	struct option_place place = option_where(e->set, e->row, key);
	va_list list;

	e->wrong = true;
	va_start(list, fmt);
	complain_list(e->list, place.file, place.line, fmt, list);
	va_end(list);
}

/* -- files */

struct text {
	char *at;
	size_t length;
};

/* A key leaves nothing behind. */
static void
forget(struct text *t)
{
	if (t->at)
		explicit_bzero(t->at, t->length);
	free(t->at);
	*t = (struct text){ .at = NULL };
}

/* What is wrong with it, or NULL. */
static const char *
read_open(int fd, const struct stat *st, struct text *t)
{
	ssize_t n;

	if (!S_ISREG(st->st_mode))
		return "it is no file";
	if (st->st_size == 0 || st->st_size > CERTIFICATE_FILE_MAX)
		return st->st_size ? "it is too large" : "it is empty";
	t->length = (size_t)st->st_size;
	t->at = malloc(t->length);
	if (!t->at)
		return "no memory";
	n = read(fd, t->at, t->length);
	if (n < 0)
		return strerror(errno);
	t->length = (size_t)n;
	return NULL;
}

static void
judge_key_file(struct entry *e, const char *path, const struct stat *st)
{
	if (st->st_mode & KEY_FORBIDDEN)
		wrong(e, "key", "tls: key %s: others can %s it; chmod 600 it, and take a new key if they may have done so",
		      path, st->st_mode & (S_IROTH | S_IXOTH) ? "read" : "change");
	if (geteuid() == 0 && e->user != 0 && st->st_uid != e->user && !(st->st_mode & S_IRGRP))
		log_line(LOG_LEVEL_WARN, "tls", "key %s: only root can read it, which the server is not any more at a reload; "
		         "chown it to the `user`", path);
}

static struct text
read_file(struct entry *e, const char *key, struct coven_slice path)
{
	struct text t = { .at = NULL };
	int fd = open(path.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	const char *why = NULL;

	if (fd < 0 || fstat(fd, &st) != 0)
		why = errno == EACCES ? "the server may not read it; chown it to the `user`" : strerror(errno);
	else
		why = read_open(fd, &st, &t);
	if (why) {
		wrong(e, key, "tls: cannot read %s %s: %s", key, path.at, why);
		forget(&t);
	} else if (!strcmp(key, "key")) {
		judge_key_file(e, path.at, &st);
	}
	if (fd >= 0)
		close(fd);
	return t;
}

/* -- what stands in them */

static void
other_name(struct entry *e, const struct tls_facts *facts)
{
	char room[NET_TLS_NAMES_MAX * (NET_TLS_NAME_MAX + 2) + 1];
	struct text_builder b;

	text_begin(&b, room, sizeof room);
	for (size_t i = 0; i < facts->name_count; i++)
		text_print(&b, "%s%s", i ? ", " : "", facts->texts[i]);
	wrong(e, "certificate", "tls: certificate %s is for %s, not for \"%s\": it needs that name as DNS, or as URI "
	      "sip:%s, in subjectAltName; wildcards do not count (RFC 5922)", e->row->certificate.at,
	      facts->name_count ? room : "no domain", e->row->domain.at, e->row->domain.at);
}

static void
say_faults(struct entry *e, unsigned faults, const struct tls_facts *facts)
{
	const char *certificate = e->row->certificate.at, *key = e->row->key.at;

	if (faults & TLS_NO_MEMORY)
		wrong(e, "domain", "tls: no memory");
	if (faults & TLS_BAD_CERTIFICATE)
		wrong(e, "certificate", "tls: certificate %s: not a certificate in PEM form, or it is broken", certificate);
	if (faults & TLS_BAD_KEY)
		wrong(e, "key", "tls: key %s: not a private key in PEM form, or it is broken", key);
	if (faults & TLS_LOCKED_KEY)
		wrong(e, "key", "tls: key %s: it wants a passphrase, for which nobody can be asked; store it without", key);
	if (faults & TLS_OTHER_KEY)
		wrong(e, "key", "tls: key %s does not belong to certificate %s", key, certificate);
	if (faults & TLS_EXPIRED)
		wrong(e, "certificate", "tls: certificate %s has expired; renew it", certificate);
	if (faults & TLS_NOT_YET)
		wrong(e, "certificate", "tls: certificate %s is not valid yet; is the clock right?", certificate);
	if (faults & TLS_OTHER_NAME)
		other_name(e, facts);
	if (faults & TLS_WEAK)
		wrong(e, "certificate", "tls: certificate %s: its key, or a signature of its chain, is too weak; take EC P-256 or "
		      "RSA of 2048 bits", certificate);
}

static void
welcome(const struct entry *e, const struct tls_facts *facts)
{
	if (facts->days < CERTIFICATE_DAYS)
		log_line(LOG_LEVEL_WARN, "tls", "certificate %s of \"%s\" expires in %d day%s; renew it and reload",
		         e->row->certificate.at, e->row->domain.at, facts->days, facts->days == 1 ? "" : "s");
	else
		log_line(LOG_LEVEL_DEBUG, "tls", "certificate %s of \"%s\": %d days left", e->row->certificate.at,
		         e->row->domain.at, facts->days);
}

static bool
is_twice(const struct entry *e, const struct settings_tls *rows)
{
	for (const struct settings_tls *at = rows; at < e->row; at++)
		if (text_alike(at->domain, e->row->domain))
			return true;
	return false;
}

/* One row; false: complained. */
static bool
add(struct entry *e, struct tls_set *tls)
{
	struct text certificate = read_file(e, "certificate", e->row->certificate);
	struct text key = read_file(e, "key", e->row->key);
	struct tls_facts facts;
	unsigned faults;

	if (certificate.at && key.at) {
		faults = tls_set_add(tls, e->row->domain, (struct coven_slice){ certificate.at, certificate.length },
		                     (struct coven_slice){ key.at, key.length }, &facts);
		say_faults(e, faults, &facts);
		if (!faults)
			welcome(e, &facts);
	}
	forget(&key);
	forget(&certificate);
	return !e->wrong;
}

static bool
listens(const struct net_shared *net)
{
	for (unsigned i = 0; net && i < net_shared_count(net); i++)
		if (net_shared_listener(net, i)->transport->secure)
			return true;
	return false;
}

static bool
add_all(struct tls_set *tls, const struct settings *s, const struct option_set *set, uid_t user, struct complaints *list)
{
	const struct settings_tls *rows = s->tls.at;
	bool good = true;

	for (size_t i = 0; i < s->tls.count; i++) {
		struct entry e = { .row = &rows[i], .set = set, .user = user, .list = list };

		if (is_twice(&e, rows))
			wrong(&e, "domain", "tls: \"%s\" has a certificate already", rows[i].domain.at);
		good = add(&e, tls) && good;
	}
	return good;
}

struct tls_set *
certificates_read(const struct settings *s, const struct option_set *set, const struct net_shared *net, uid_t user,
                  struct complaints *list)
{
	struct tls_set *tls = tls_set_new();
	struct entry whole = { .set = set, .list = list };
	bool good = tls != NULL;

	if (!tls)
		wrong(&whole, NULL, "tls: no memory");
	if (tls && s->tls_trust.length && tls_set_trust(tls, s->tls_trust.at) != 0) {
		wrong(&whole, "tls_trust", "tls_trust: %s: cannot be read, or has no certificate in PEM form", s->tls_trust.at);
		good = false;
	} else if (tls && s->tls.count && !s->tls_trust.length && tls_set_trust(tls, NULL) != 0) {
		log_line(LOG_LEVEL_WARN, "tls", "this system trusts nobody; install ca-certificates, or say `tls_trust`");
	}
	good = good && add_all(tls, s, set, user, list);
	if (good && s->tls.count == 0 && listens(net)) {
		wrong(&whole, "listen", "listen: tls needs a certificate; name one in `tls`, or leave the tls listener out");
		good = false;
	}
	if (good)
		return tls;
	tls_set_drop(tls);
	return NULL;
}
