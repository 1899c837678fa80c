/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains in certificates.  Everything here was written by strangers. */
#include "net/tls_names.h"
#include "base/text.h"

#include <ctype.h>
#include <openssl/x509v3.h>
#include <string.h>

#define LABEL_MAX 63

static bool
is_label(struct coven_slice label)
{
	if (label.length == 0 || label.length > LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.length; i++) {
		unsigned char c = (unsigned char)label.at[i];

		if (c >= 0x80 || !(isalnum(c) || (c == '-' && i && i + 1 < label.length) || (c == '_' && i == 0)))
			return false;
	}
	return true;
}

static bool
is_number(struct coven_slice label)
{
	for (size_t i = 0; i < label.length; i++)
		if (label.at[i] < '0' || label.at[i] > '9')
			return false;
	return true;
}

bool
tls_name_valid(struct coven_slice name)
{
	struct coven_slice label = { NULL, 0 };

	if (name.length == 0 || name.length > NET_TLS_NAME_MAX)
		return false;
	while (name.length) {
		size_t dot = text_find(name, '.');

		label = text_cut(name, 0, dot);
		if (!is_label(label) || dot + 1 == name.length)
			return false;
		name = text_cut(name, dot + 1, name.length);
	}
	return !is_number(label); /* 192.0.2.1 is none */
}

static struct coven_slice
without_dot(struct coven_slice name)
{
	if (name.length && name.at[name.length - 1] == '.')
		name.length--;
	return name;
}

/* The domain that a value stands for; none: it stands for none. */
static struct coven_slice
domain_of(const GENERAL_NAME *value)
{
	struct coven_slice none = { NULL, 0 }, text;
	const ASN1_IA5STRING *string;

	if (value->type != GEN_URI && value->type != GEN_DNS)
		return none;
	string = value->type == GEN_URI ? value->d.uniformResourceIdentifier : value->d.dNSName;
	text = (struct coven_slice){ (const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string) };
	if (value->type == GEN_URI) {
		if (!text_begins(text, "sip:"))
			return none;
		text = text_cut(text, 4, text.length); /* a user or a port in it is no domain */
	}
	text = without_dot(text);
	return tls_name_valid(text) ? text : none;
}

/* Calls fn for each domain until it says true, which is what comes out. */
typedef bool each_fn(void *arg, struct coven_slice name, bool uri);

static bool
each_of_type(const GENERAL_NAMES *values, int type, each_fn *fn, void *arg)
{
	int count = sk_GENERAL_NAME_num(values);

	for (int i = 0; i < count && i < TLS_SANS_MAX; i++) {
		const GENERAL_NAME *value = sk_GENERAL_NAME_value(values, i);
		struct coven_slice name;

		if (value->type != type)
			continue;
		name = domain_of(value);
		if (name.length && fn(arg, name, type == GEN_URI))
			return true;
	}
	return false;
}

static bool
common_name(const X509 *certificate, each_fn *fn, void *arg)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	struct coven_slice name;
	bool done;
	int length;

	/* Of several nobody knows which one was meant. */
	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (length < 0)
		return false;
	name = without_dot((struct coven_slice){ (const char *)utf8, (size_t)length });
	done = tls_name_valid(name) && fn(arg, name, false);
	OPENSSL_free(utf8);
	return done;
}

static bool
each_name(const X509 *certificate, each_fn *fn, void *arg)
{
	int critical;
	GENERAL_NAMES *values = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
	bool done;

	if (!values) /* -1: there is none; else it is broken, or there twice, and then the certificate is for nobody */
		return critical == -1 && common_name(certificate, fn, arg);
	done = each_of_type(values, GEN_URI, fn, arg) || each_of_type(values, GEN_DNS, fn, arg);
	GENERAL_NAMES_free(values);
	return done;
}

struct reading {
	struct net_tls_name *names;
	char (*room)[NET_TLS_NAME_MAX + 1];
	size_t count, max;
	bool more;
};

static bool
is_known(const struct reading *r, struct coven_slice name)
{
	for (size_t i = 0; i < r->count; i++)
		if (text_alike(r->names[i].text, name))
			return true;
	return false;
}

static bool
take(void *arg, struct coven_slice name, bool uri)
{
	struct reading *r = arg;
	char *to;

	if (is_known(r, name))
		return false;
	if (r->count == r->max) {
		r->more = true;
		return true;
	}
	to = r->room[r->count];
	for (size_t i = 0; i < name.length; i++)
		to[i] = (char)tolower((unsigned char)name.at[i]);
	to[name.length] = '\0';
	r->names[r->count++] = (struct net_tls_name){ uri, { to, name.length } };
	return false;
}

size_t
tls_names_read(const X509 *certificate, struct net_tls_name *names, size_t max, char room[][NET_TLS_NAME_MAX + 1],
               bool *more)
{
	struct reading r = { names, room, 0, max, false };

	each_name(certificate, take, &r);
	*more = r.more;
	return r.count;
}

static bool
is_it(void *arg, struct coven_slice name, bool uri)
{
	const struct coven_slice *wanted = arg;

	(void)uri;
	return text_alike(*wanted, name);
}

bool
tls_names_has(const X509 *certificate, struct coven_slice name)
{
	name = without_dot(name);
	return name.length && each_name(certificate, is_it, &name);
}
