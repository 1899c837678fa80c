/* SPDX-License-Identifier: GPL-3.0-or-later */
/* covenctl: says a command to covend over its control socket and prints the answer. */
#include "ctl/answer.h"
#include "ctl/capture.h"
#include "ctl/domain.h"
#include "ctl/guide.h"
#include "ctl/helper.h"
#include "ctl/import.h"
#include "ctl/places.h"
#include "ctl/secret.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64 /* of a request; covend takes no more */

static volatile int interrupted; /* the one thing that a signal handler may touch */

static void
on_signal(int number)
{
	interrupted = 1;
	signal(number, SIG_DFL); /* the second time it counts */
}

/* Whoever watches a stream ends it so, and that is no failure. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

struct request {
	const char *path;
	bool as_json;
	size_t count;
	const char *words[WORDS_MAX + 2];
	const char *capture;          /* --pcapng FILE */
	char password[SECRET_MAX];
};

static bool
is(const struct request *r, size_t at, const char *word)
{
	return at < r->count && !strcmp(r->words[at], word);
}

static bool
is_stream(const struct request *r)
{
	return is(r, 0, "events") || is(r, 0, "trace");
}

/* -- words that covenctl knows itself */

/* `trace --pcapng FILE ...`: the server is asked for bytes instead of text. */
static int
take_capture(struct request *r)
{
	if (!is(r, 0, "trace") || !is(r, 1, "--pcapng"))
		return 0;
	if (r->count < 3) {
		fputs("covenctl: usage: covenctl trace --pcapng FILE [FILTER...]\n", stderr);
		return -1;
	}
	r->capture = r->words[2];
	r->words[1] = "--bytes";
	memmove(r->words + 2, r->words + 3, (r->count - 3) * sizeof r->words[0]);
	r->count--;
	return 0;
}

/* `user add NAME` and `user passwd NAME` without a password; "--digest X" may be among their words. */
static int
take_password(struct request *r)
{
	size_t names = r->count;

	if (!is(r, 0, "user") || (!is(r, 1, "add") && !is(r, 1, "passwd")))
		return 0;
	for (size_t i = 2; i + 1 < r->count; i++)
		if (is(r, i, "--digest"))
			names -= 2;
	if (names != 3 || r->count == WORDS_MAX)
		return 0;
	if (secret_read(r->password) < 0)
		return -1;
	r->words[r->count++] = r->password;
	return 0;
}

/* -- the request */

static int
take_answer(const struct request *r, struct line *l)
{
	struct answer a = { .as_json = r->as_json };
	int code;

	if (r->capture && !(a.capture = capture_open(r->capture)))
		return CTL_REFUSED;
	if (is_stream(r)) {
		catch_signals();
		a.stop = &interrupted;
	}
	code = answer_take(&a, l);
	if (a.capture && capture_close(a.capture) < 0)
		code = CTL_REFUSED;
	return code;
}

/* The server knows its commands best; when it cannot be asked, there is a text. */
static int
offline_help(const struct request *r)
{
	if (guide_print(r->count > 1 ? r->words[1] : NULL, r->as_json, stdout))
		return CTL_GOOD;
	fprintf(stderr, "covenctl: no command \"%s\" is known here; a running server may have it\n", r->words[1]);
	return CTL_USAGE;
}

static int
run(struct request *r)
{
	struct line l;
	int code;

	if (is(r, 0, "store") && is(r, 1, "salvage")) /* needs no server */
		return helper_become("coven-store-salvage", r->count - 2, r->words + 2);
	if (is(r, 0, "domain"))
		return domain_run(r->count - 1, r->words + 1, r->as_json);
	if (is(r, 0, "help") && is(r, 1, "domain"))
		return offline_help(r);
	if (take_capture(r) < 0)
		return CTL_USAGE;
	if (take_password(r) < 0)
		return CTL_REFUSED;
	if (line_open(&l, r->path) < 0)
		return is(r, 0, "help") ? offline_help(r) : CTL_NO_SERVER;
	if (is(r, 0, "user") && is(r, 1, "import") && r->count == 3)
		code = import_file(&l, r->words[2], r->as_json);
	else
		code = line_ask(&l, r->count, r->words) < 0 ? CTL_USAGE : take_answer(r, &l);
	line_close(&l);
	return code;
}

/* -- the command line */

static void
help(FILE *to)
{
	char usual[PLACES_PATH];

	places_ask(usual);
	fputs("usage: covenctl [-s SOCKET] [--json] COMMAND [WORD...]\n"
	      "\n"
	      "  -s, --socket SOCKET  of the server; if not given, $COVEN_CONTROL, or\n",
	      to);
	fprintf(to, "                       %s\n", usual);
	fputs("  -j, --json           print the answer as JSON\n"
	      "      --help, --version\n"
	      "\n"
	      "\"covenctl help\" lists the commands of the server that is running, \"covenctl help COMMAND\"\n"
	      "says more of one.\n"
	      "Exit codes: 0 done, 1 refused or failed, 2 wrong words, 3 no server.\n",
	      to);
}

/* "covenctl COMMAND --help" and "covenctl help COMMAND" are the same; --json may also stand at the end. */
static int
take_words(struct request *r, int count, char **words)
{
	for (int i = 0; i < count; i++) {
		if (r->count == WORDS_MAX) {
			fputs("covenctl: too many words\n", stderr);
			return -1;
		}
		if (!strcmp(words[i], "--json") || (!strcmp(words[i], "-j") && i > 0))
			r->as_json = true;
		else
			r->words[r->count++] = words[i];
	}
	if (is(r, 1, "--help") || is(r, 2, "--help")) {
		r->words[1] = r->words[0];
		r->words[0] = "help";
		r->count = 2;
	}
	return 0;
}

static const char *
socket_of(const char *given, char usual[PLACES_PATH])
{
	if (given && *given)
		return given;
	places_ask(usual);
	return usual;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' }, { "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },      { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request r = { .path = getenv("COVEN_CONTROL") };
	char usual[PLACES_PATH];
	int c, code;

	/* "+": options behind the command are the command's */
	while ((c = getopt_long(argc, argv, "+s:jh", options, NULL)) != -1)
		switch (c) {
		case 's':
			r.path = optarg;
			break;
		case 'j':
			r.as_json = true;
			break;
		case 'V':
			puts("covenctl " COVEN_VERSION);
			return CTL_GOOD;
		case 'h':
			help(stdout);
			return CTL_GOOD;
		default:
			fputs("covenctl: try --help\n", stderr);
			return CTL_USAGE;
		}
	if (optind == argc) {
		help(stderr);
		return CTL_USAGE;
	}
	if (take_words(&r, argc - optind, argv + optind) < 0)
		return CTL_USAGE;
	r.path = socket_of(r.path, usual);
	code = run(&r);
	explicit_bzero(r.password, sizeof r.password);
	return code;
}
