/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Contact is taken apart and asked whether it can be meant: nobody else shall be rung
 * through us by a forged one, nor shall we ring ourselves. */
#include "contact.h"

#include <coven/flow.h>
#include <string.h>

#define SECONDS_UNREADABLE 3600
#define SIP_PORT 5060
#define SIPS_PORT 5061
#define REG_ID_MAX INT32_MAX

/* Line ends and NULs, plain or written as escapes, may turn into headers elsewhere.  A
 * line end before a blank is a folded header and stays outside of what is kept. */
bool
contact_harmless(struct coven_slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c < ' ' && c != '\t') || c == 127)
			return false;
		if (c == '%' && text.length - i > 2 && text.at[i + 1] == '0' &&
		    strchr("0aAdD", text.at[i + 2]))
			return false;
	}
	return true;
}

int64_t
contact_seconds(struct coven_slice text)
{
	uint64_t seconds = 0;

	if (text.length == 0)
		return SECONDS_UNREADABLE;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return SECONDS_UNREADABLE;
		seconds = seconds * 10 + (uint64_t)(text.at[i] - '0');
		if (seconds > UINT32_MAX)
			seconds = UINT32_MAX;
	}
	return (int64_t)seconds;
}

/* "0.5" as 500. */
static int
read_q(struct coven_slice text, uint32_t *q)
{
	uint32_t value, step = 100;

	if (text.length == 0 || text.length > 5 ||
	    (text.at[0] != '0' && text.at[0] != '1') ||
	    (text.length > 1 && text.at[1] != '.'))
		return -1;
	value = text.at[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		value += (uint32_t)(text.at[i] - '0') * step;
		step /= 10;
	}
	if (value > 1000)
		return -1;
	*q = value;
	return 0;
}

static int
read_reg_id(struct coven_slice text, uint32_t *id)
{
	uint64_t value = 0;

	if (text.length == 0 || text.length > 10)
		return -1;
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return -1;
		value = value * 10 + (uint64_t)(text.at[i] - '0');
	}
	if (value == 0 || value > REG_ID_MAX)
		return -1;
	*id = (uint32_t)value;
	return 0;
}

static struct coven_slice
unquoted(struct coven_slice text)
{
	if (text.length >= 2 && text.at[0] == '"' && text.at[text.length - 1] == '"')
		return (struct coven_slice){ text.at + 1, text.length - 2 };
	return text;
}

/* -- whom it names -- */

static bool
is_address(struct coven_request *req, struct coven_slice host, struct coven_address *a)
{
	struct coven_slice whole;

	*a = (struct coven_address){ .family = 0 };
	if (coven_address_read(host, a) == 0)
		return true;
	if (!memchr(host.at, ':', host.length) || host.at[0] == '[')
		return false;
	whole = coven_print(req, "[%.*s]", (int)host.length, host.at);
	return whole.at && coven_address_read(whole, a) == 0;
}

static uint16_t
port_of(struct coven_slice uri)
{
	struct coven_slice text = coven_part(uri, COVEN_PORT, NULL);
	uint32_t port = 0;

	if (!text.length)
		return coven_alike(coven_part(uri, COVEN_SCHEME, NULL),
				   coven_text("sips")) ||
				       coven_alike(coven_part(uri, COVEN_URI_PARAM,
							      "transport"),
						   coven_text("tls"))
			       ? SIPS_PORT
			       : SIP_PORT;
	for (size_t i = 0; i < text.length && port <= UINT16_MAX; i++)
		port = port * 10 + (uint32_t)(text.at[i] - '0');
	return (uint16_t)port;
}

/* Broadcast, multicast, 0/8; our own address and port; our own domain, whatever the port.
 */
static bool
can_be_meant(struct coven_instance *in, struct coven_request *req,
	     struct coven_slice host, uint16_t port)
{
	struct coven_address a;

	if (coven_is_domain(in, host) || coven_is_self(in, host, port))
		return false;
	return !is_address(req, host, &a) || coven_is_unicast(&a);
}

static int
check_uri(struct coven_instance *in, struct coven_request *req, struct coven_slice uri,
	  struct contact_fault *fault)
{
	struct coven_slice scheme = coven_part(uri, COVEN_SCHEME, NULL);
	struct coven_slice host = coven_part(uri, COVEN_HOST, NULL);
	struct coven_slice maddr = coven_part(uri, COVEN_URI_PARAM, "maddr");
	bool sip = coven_alike(scheme, coven_text("sip")) ||
		   coven_alike(scheme, coven_text("sips"));

	*fault = (struct contact_fault){ 400, "Bad Contact" };
	if (!sip || host.length == 0 || !contact_harmless(uri) || !coven_uri_valid(uri))
		return -1;
	*fault = (struct contact_fault){ 403, "Contact Not Allowed" };
	if (!can_be_meant(in, req, host, port_of(uri)))
		return -1;
	return maddr.length && !can_be_meant(in, req, maddr, port_of(uri)) ? -1 : 0;
}

/* -- its parameters -- */

static struct coven_slice
param(const struct coven_contact *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (coven_alike(c->params[i].name, coven_text(name)))
			return c->params[i].value.at ? c->params[i].value : coven_text("");
	return (struct coven_slice){ NULL, 0 };
}

static char *
append(char *to, struct coven_slice text)
{
	memcpy(to, text.at, text.length);
	return to + text.length;
}

/* All but expires and q, which have their own places. */
static int
read_words(struct coven_request *req, const struct coven_contact *c, struct contact *contact)
{
	size_t size = 1;
	char *room, *to;

	for (size_t i = 0; i < c->count; i++)
		size += c->params[i].name.length + c->params[i].value.length + 2;
	room = to = coven_alloc(req, size);
	if (!room)
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		const struct coven_param *p = &c->params[i];
		if (coven_alike(p->name, coven_text("expires")) || coven_alike(p->name, coven_text("q")))
			continue;
		*to++ = ';';
		to = append(to, p->name);
		if (!p->value.at)
			continue;
		*to++ = '=';
		to = append(to, p->value);
	}
	contact->words = (struct coven_slice){ room, (size_t)(to - room) };
	return 0;
}

static int
read_params(const struct coven_contact *c, struct contact *contact)
{
	struct coven_slice q = param(c, "q");
	struct coven_slice id = param(c, "reg-id");
	struct coven_slice expires = param(c, "expires");

	contact->q = 1000;
	contact->seconds = expires.at ? contact_seconds(expires) : -1;
	contact->instance = unquoted(param(c, "+sip.instance"));
	if (q.at && read_q(q, &contact->q) != 0)
		return -1;
	/* RFC 5626 6: a reg-id without an instance is as if it were not there */
	return id.at && contact->instance.length ? read_reg_id(id, &contact->reg_id) : 0;
}

int
contact_read(struct coven_instance *in, struct coven_request *req,
	     struct coven_slice value, size_t longest, struct contact *contact,
	     struct contact_fault *fault)
{
	struct coven_contact parts;

	*contact = (struct contact){ .uri = { NULL, 0 } };
	if (value.length > longest) {
		*fault = (struct contact_fault){ 403, "Contact Too Long" };
		return -1;
	}
	*fault = (struct contact_fault){ 400, "Bad Contact" };
	if (coven_contact_read(req, value, &parts) != 0)
		return -1;
	contact->uri = parts.uri;
	if (check_uri(in, req, contact->uri, fault) != 0)
		return -1;
	*fault = (struct contact_fault){ 400, "Bad Contact Parameters" };
	if (read_params(&parts, contact) != 0 || read_words(req, &parts, contact) != 0 ||
	    !contact_harmless(contact->words) || !contact_harmless(contact->instance))
		return -1;
	return 0;
}
