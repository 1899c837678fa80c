/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uri: SIP, SIPS and tel URIs and name-addr values taken apart without copying, and compared.
 * RFC 3261 sections 19.1 and 20.10, RFC 3966. */
#ifndef SIP_URI_H
#define SIP_URI_H

#include "base/arena.h"
#include <coven/types.h>

struct sip_uri {
	struct coven_slice scheme, user, password, host; /* host: IPv6 without its brackets */
	struct coven_slice params;  /* behind the first ';', without it */
	struct coven_slice headers; /* behind '?', without it */
	uint16_t port;              /* 0: none */
	bool sip, sips, tel;        /* which scheme: sip is true for sips, too */
	bool has_user, ipv6;
};
/* Strict: -1 for what is not a URI, or has bytes that could break a header (CR, LF, blanks, < > "), a NUL,
 * or an escaped NUL, CR or LF anywhere (when sip), two '@', a port that is none.  Other schemes give the
 * scheme, and the rest as `user`; of tel that is the number, without its parameters. */
int uri_parse(struct coven_slice text, struct sip_uri *uri);
/* Does it begin like a URI of any kind, with a scheme and a colon? */
bool uri_has_scheme(struct coven_slice text);
/* A parameter by name, any case.  Absent { NULL, 0 }, without value { somewhere, 0 }. */
struct coven_slice uri_param(const struct sip_uri *uri, const char *name);

/* name-addr or addr-spec with header parameters: `"Bob" <sip:b@x;lr>;q=1`. */
struct sip_name_addr {
	struct coven_slice display, uri, params; /* display with its quotes; params behind the first ';' */
	bool bracketed;
};
int name_addr_parse(struct coven_slice value, struct sip_name_addr *na);
/* A parameter of a ;-list (as above), quotes understood; the value keeps its quotes. */
struct coven_slice param_find(struct coven_slice params, const char *name);
/* Walks a ;-list. *rest begins as params; false at the end. */
bool param_next(struct coven_slice *rest, struct coven_slice *name, struct coven_slice *value);

/* The address of record: "sip:user@host", host in lower case, escapes that need not be are undone in
 * the user part, no port, no parameters, no password; sips becomes sip (RFC 3261 10.3 step 5).  None: not sip, no memory. */
struct coven_slice uri_aor(const struct sip_uri *uri, struct arena *arena);
/* RFC 3261 19.1.4. */
bool uri_equal(const struct sip_uri *a, const struct sip_uri *b);

#endif
