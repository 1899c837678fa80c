/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header: header and method names to numbers and back. */
#include "sip/lex.h"

#define TRY(id, lower)                                 \
	if (lex_spells(s, (lower), sizeof(lower) - 1)) \
		return (id);

static enum sip_header
compact(char letter)
{
	switch (letter | 0x20) {
	case 'v': return SIP_VIA;
	case 'f': return SIP_FROM;
	case 't': return SIP_TO;
	case 'i': return SIP_CALL_ID;
	case 'm': return SIP_CONTACT;
	case 'l': return SIP_CONTENT_LENGTH;
	case 'c': return SIP_CONTENT_TYPE;
	case 'e': return SIP_CONTENT_ENCODING;
	case 'k': return SIP_SUPPORTED;
	case 'o': return SIP_EVENT;
	case 'u': return SIP_ALLOW_EVENTS;
	case 's': return SIP_SUBJECT;
	case 'x': return SIP_SESSION_EXPIRES;
	case 'r': return SIP_REFER_TO;
	case 'b': return SIP_REFERRED_BY;
	}
	return SIP_OTHER;
}

enum sip_header
sip_header_id(struct coven_slice name)
{
	const char *s = name.at;

	switch (name.length) {
	case 1: return s[0] & 0x40 ? compact(s[0]) : SIP_OTHER;
	case 2: TRY(SIP_TO, "to"); break;
	case 3: TRY(SIP_VIA, "via"); break;
	case 4:
		TRY(SIP_FROM, "from");
		TRY(SIP_CSEQ, "cseq");
		TRY(SIP_PATH, "path");
		TRY(SIP_DATE, "date");
		break;
	case 5:
		TRY(SIP_ROUTE, "route");
		TRY(SIP_ALLOW, "allow");
		TRY(SIP_EVENT, "event");
		break;
	case 6:
		TRY(SIP_ACCEPT, "accept");
		TRY(SIP_SERVER, "server");
		TRY(SIP_REASON, "reason");
		break;
	case 7:
		TRY(SIP_CALL_ID, "call-id");
		TRY(SIP_CONTACT, "contact");
		TRY(SIP_EXPIRES, "expires");
		TRY(SIP_REQUIRE, "require");
		TRY(SIP_SUBJECT, "subject");
		TRY(SIP_WARNING, "warning");
		break;
	case 8:
		TRY(SIP_REFER_TO, "refer-to");
		TRY(SIP_REPLACES, "replaces");
		break;
	case 9:
		TRY(SIP_SUPPORTED, "supported");
		TRY(SIP_DIVERSION, "diversion");
		TRY(SIP_TIMESTAMP, "timestamp");
		break;
	case 10: TRY(SIP_USER_AGENT, "user-agent"); break;
	case 11:
		TRY(SIP_RETRY_AFTER, "retry-after");
		TRY(SIP_MIN_EXPIRES, "min-expires");
		TRY(SIP_UNSUPPORTED, "unsupported");
		TRY(SIP_REFERRED_BY, "referred-by");
		TRY(SIP_MAX_BREADTH, "max-breadth");
		break;
	case 12:
		TRY(SIP_MAX_FORWARDS, "max-forwards");
		TRY(SIP_CONTENT_TYPE, "content-type");
		TRY(SIP_RECORD_ROUTE, "record-route");
		TRY(SIP_ALLOW_EVENTS, "allow-events");
		TRY(SIP_HISTORY_INFO, "history-info");
		break;
	case 13:
		TRY(SIP_AUTHORIZATION, "authorization");
		TRY(SIP_PROXY_REQUIRE, "proxy-require");
		TRY(SIP_SERVICE_ROUTE, "service-route");
		break;
	case 14: TRY(SIP_CONTENT_LENGTH, "content-length"); break;
	case 15: TRY(SIP_SESSION_EXPIRES, "session-expires"); break;
	case 16:
		TRY(SIP_CONTENT_ENCODING, "content-encoding");
		TRY(SIP_WWW_AUTHENTICATE, "www-authenticate");
		break;
	case 18: TRY(SIP_PROXY_AUTHENTICATE, "proxy-authenticate"); break;
	case 19: TRY(SIP_PROXY_AUTHORIZATION, "proxy-authorization"); break;
	}
	return SIP_OTHER;
}

static const char *const names[SIP_HEADERS] = {
	[SIP_OTHER] = "",
	[SIP_VIA] = "Via",
	[SIP_FROM] = "From",
	[SIP_TO] = "To",
	[SIP_CALL_ID] = "Call-ID",
	[SIP_CSEQ] = "CSeq",
	[SIP_MAX_FORWARDS] = "Max-Forwards",
	[SIP_ROUTE] = "Route",
	[SIP_RECORD_ROUTE] = "Record-Route",
	[SIP_CONTACT] = "Contact",
	[SIP_CONTENT_LENGTH] = "Content-Length",
	[SIP_CONTENT_TYPE] = "Content-Type",
	[SIP_CONTENT_ENCODING] = "Content-Encoding",
	[SIP_EXPIRES] = "Expires",
	[SIP_MIN_EXPIRES] = "Min-Expires",
	[SIP_AUTHORIZATION] = "Authorization",
	[SIP_PROXY_AUTHORIZATION] = "Proxy-Authorization",
	[SIP_WWW_AUTHENTICATE] = "WWW-Authenticate",
	[SIP_PROXY_AUTHENTICATE] = "Proxy-Authenticate",
	[SIP_SUPPORTED] = "Supported",
	[SIP_REQUIRE] = "Require",
	[SIP_PROXY_REQUIRE] = "Proxy-Require",
	[SIP_UNSUPPORTED] = "Unsupported",
	[SIP_ALLOW] = "Allow",
	[SIP_ACCEPT] = "Accept",
	[SIP_PATH] = "Path",
	[SIP_SERVICE_ROUTE] = "Service-Route",
	[SIP_EVENT] = "Event",
	[SIP_ALLOW_EVENTS] = "Allow-Events",
	[SIP_REASON] = "Reason",
	[SIP_RETRY_AFTER] = "Retry-After",
	[SIP_MAX_BREADTH] = "Max-Breadth",
	[SIP_TIMESTAMP] = "Timestamp",
	[SIP_SUBJECT] = "Subject",
	[SIP_REFER_TO] = "Refer-To",
	[SIP_REFERRED_BY] = "Referred-By",
	[SIP_SESSION_EXPIRES] = "Session-Expires",
	[SIP_DATE] = "Date",
	[SIP_USER_AGENT] = "User-Agent",
	[SIP_SERVER] = "Server",
	[SIP_WARNING] = "Warning",
	[SIP_DIVERSION] = "Diversion",
	[SIP_HISTORY_INFO] = "History-Info",
	[SIP_REPLACES] = "Replaces",
};

const char *
sip_header_name(enum sip_header id)
{
	return id < SIP_HEADERS ? names[id] : "";
}

#define BIT(id) (1ull << (id))

/* Not Authorization and its kin: their commas separate fields of one value. */
uint64_t
sip_header_lists(void)
{
	return BIT(SIP_VIA) | BIT(SIP_ROUTE) | BIT(SIP_RECORD_ROUTE) | BIT(SIP_CONTACT) |
	       BIT(SIP_CONTENT_ENCODING) | BIT(SIP_SUPPORTED) | BIT(SIP_REQUIRE) |
	       BIT(SIP_PROXY_REQUIRE) | BIT(SIP_UNSUPPORTED) | BIT(SIP_ALLOW) |
	       BIT(SIP_ACCEPT) | BIT(SIP_PATH) | BIT(SIP_SERVICE_ROUTE) |
	       BIT(SIP_ALLOW_EVENTS) | BIT(SIP_REASON) | BIT(SIP_WARNING) |
	       BIT(SIP_DIVERSION) | BIT(SIP_HISTORY_INFO);
}

bool
sip_header_is_list(enum sip_header id)
{
	return id < SIP_HEADERS && (sip_header_lists() & BIT(id)) != 0;
}

#define IS(literal) (memcmp(s, (literal), sizeof(literal) - 1) == 0)

enum sip_method
sip_method_id(struct coven_slice method)
{
	const char *s = method.at;

	switch (method.length) {
	case 3: return IS("ACK") ? SIP_ACK : IS("BYE") ? SIP_BYE : SIP_METHOD_OTHER;
	case 4: return IS("INFO") ? SIP_INFO : SIP_METHOD_OTHER;
	case 5:
		return IS("PRACK")   ? SIP_PRACK
		       : IS("REFER") ? SIP_REFER
				     : SIP_METHOD_OTHER;
	case 6:
		return IS("INVITE")   ? SIP_INVITE
		       : IS("CANCEL") ? SIP_CANCEL
		       : IS("NOTIFY") ? SIP_NOTIFY
		       : IS("UPDATE") ? SIP_UPDATE
				      : SIP_METHOD_OTHER;
	case 7:
		return IS("OPTIONS")   ? SIP_OPTIONS
		       : IS("MESSAGE") ? SIP_MESSAGE
		       : IS("PUBLISH") ? SIP_PUBLISH
				       : SIP_METHOD_OTHER;
	case 8: return IS("REGISTER") ? SIP_REGISTER : SIP_METHOD_OTHER;
	case 9: return IS("SUBSCRIBE") ? SIP_SUBSCRIBE : SIP_METHOD_OTHER;
	}
	return SIP_METHOD_OTHER;
}
