/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings: rows like those of a plugin. */
#include "main/settings.h"
#include "net/frame.h"
#include "net/net.h"
#include "tx/tx.h"

static const char *const record_words[] = { "off", "auto", "on", NULL };
static const char *const level_words[] = { "error", "warn", "info", "debug", NULL };

static const struct coven_option host_columns[] = {
	COVEN_OPTION("name", COVEN_STRING, struct settings_host, name, NULL, "a host name that appears in URIs"),
	COVEN_OPTION("address", COVEN_ADDRESS, struct settings_host, address, NULL,
	             "its address, with or without a port"),
	COVEN_OPTIONS_END
};

static const struct coven_option tls_columns[] = {
	COVEN_OPTION("domain", COVEN_STRING, struct settings_tls, domain, NULL, "one of our domains, or a name of this server"),
	COVEN_OPTION("certificate", COVEN_STRING, struct settings_tls, certificate, NULL,
	             "file: its certificate, then those up to its issuer (PEM)"),
	COVEN_OPTION("key", COVEN_STRING, struct settings_tls, key, NULL, "file: its private key (PEM), for nobody else to read"),
	COVEN_OPTIONS_END
};

static const struct coven_option rows[] = {
	COVEN_OPTION("domains", COVEN_LIST, struct settings, domains, NULL,
	             "the domains whose users are ours; the first one counts where none is named"),
	COVEN_OPTION("listen", COVEN_LIST, struct settings, listen, "(\"udp:*:5060\", \"tcp:*:5060\")",
	             "where to listen: transport:address:port, of udp, tcp and tls; * is every local address"),
	COVEN_OPTION("data", COVEN_STRING, struct settings, data, "", "folder for keys and stored data"),
	COVEN_OPTION("control", COVEN_STRING, struct settings, control, "",
	             "socket for covenctl; empty: `control` in the data folder"),
	COVEN_RANGE("workers", COVEN_INT, struct settings, workers, "1", 1, SETTINGS_WORKERS_MAX,
	            "threads; one for each core at most"),
	COVEN_RANGE("body_max", COVEN_SIZE, struct settings, body_max, "64k", 1024, FRAME_BODY_LARGE,
	            "largest body of a message over TCP; over UDP a datagram is the limit"),
	COVEN_RANGE("connections_per_source", COVEN_INT, struct settings, connections_per_source, "256", 1,
	            NET_CONNECTIONS_MAX, "connections that one address (IPv6: one /64) may have open"),
	COVEN_RANGE("transactions_max", COVEN_INT, struct settings, transactions_max, "1000000", 10, TX_MAX,
	            "transactions of one worker; above four fifths of that new requests get 503"),
	COVEN_RANGE("memory_max", COVEN_SIZE, struct settings, memory_max, "0", 0, INT64_C(1) << 40,
	            "memory for requests; above four fifths of that new ones get 503; 0: half of what there is"),
	COVEN_OPTION("user", COVEN_STRING, struct settings, user, "", "whom root becomes; empty: stays root, which nobody should want"),
	COVEN_OPTION("sandbox", COVEN_BOOL, struct settings, sandbox, "true",
	             "give up capabilities, and refuse system calls that no SIP server needs"),
	COVEN_OPTION("plugin_path", COVEN_LIST, struct settings, plugin_path, "()",
	             "folders searched for plugins before the installed one"),
	COVEN_CHOICE("record_route", struct settings, record_route, "on", record_words,
	             "stay in the way of calls: never, only where they need us, always"),
	COVEN_OPTION("strangers", COVEN_BOOL, struct settings, strangers, "true",
	             "may callers of other domains reach our users?"),
	COVEN_CHOICE("log_level", struct settings, log_level, "info", level_words, "how much is logged"),
	COVEN_ROWS("tls", struct settings, tls, struct settings_tls, tls_columns,
	           "certificates; the first is also for those who ask for none of the names"),
	COVEN_OPTION("tls_trust", COVEN_STRING, struct settings, tls_trust, "",
	             "file of certificates (PEM) whom to believe who others are; empty: those that the system trusts"),
	COVEN_ROWS("hosts", struct settings, hosts, struct settings_host, host_columns,
	           "names that are found without a name server"),
	COVEN_OPTIONS_END
};

const char *const settings_others[] = { "plugins", "plugins_only", NULL };

struct option_rows
settings_rows(void)
{
	return (struct option_rows){ rows, sizeof rows[0] };
}

struct option_set *
settings_read(const struct conf *conf, const char *file, struct complaints *list)
{
	const struct conf_node *root = conf_root(conf);
	struct option_source from = { .groups = &root, .count = 1, .also = settings_others, .file = file };

	return option_read(settings_rows(), sizeof(struct settings), &from, list);
}
