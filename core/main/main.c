/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main: the command line of covend. */
#include "base/text.h"
#include "ctl/places.h"
#include "main/daemon.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <coven/plugin.h>
#include <stdio.h>
#include <stdlib.h>

static void
help(FILE *to)
{
	struct places p;

	places_find(&p);
	fputs("usage: covend [-c FILE] [-t] [--ready-fd N] [--test-clock]\n"
	      "       covend --options NAME [-c FILE]\n"
	      "       covend --version | --help\n"
	      "\n"
	      "  -c, --config FILE   the configuration; if not given:\n",
	      to);
	fprintf(to, "                      %s%s\n", p.config, p.own ? ", or none at all" : "");
	fputs("  -t, --test          check it, print the chain of each phase, and end\n"
	      "      --ready-fd N    write \"ready\" to descriptor N when everything is open\n"
	      "      --options NAME  print the options of plugin NAME (core: the server's own)\n"
	      "      --test-clock    time moves only by `covenctl clock advance` (for tests)\n"
	      "      --version       print the version and end\n"
	      "\n"
	      "Runs in the foreground.  Exit codes: 0 good, 78 configuration, 1 anything else.\n",
	      to);
}

static int
descriptor(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end || end == text || n < 0 || n > INT_MAX ? -1 : (int)n;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },     { "test", no_argument, NULL, 't' },
		{ "ready-fd", required_argument, NULL, 'r' },   { "options", required_argument, NULL, 'o' },
		{ "test-clock", no_argument, NULL, 'k' },       { "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },             { NULL, 0, NULL, 0 },
	};
	struct daemon_wish wish = { .argv = argv, .ready_fd = -1 };
	const char *shown = NULL;
	struct places places;
	int c;

	while ((c = getopt_long(argc, argv, "c:th", options, NULL)) != -1)
		switch (c) {
		case 'c':
			wish.file = optarg;
			break;
		case 't':
			wish.check_only = true;
			break;
		case 'r':
			wish.ready_fd = descriptor(optarg);
			if (wish.ready_fd < 0) {
				fprintf(stderr, "covend: --ready-fd wants a number, not \"%s\"\n", optarg);
				return DAEMON_BROKEN;
			}
			break;
		case 'o':
			shown = optarg;
			break;
		case 'k':
			wish.test_clock = true;
			break;
		case 'V':
			printf("covend " COVEN_VERSION ", plugin ABI %d.%d\n", COVEN_ABI_MAJOR, COVEN_ABI_MINOR);
			return DAEMON_GOOD;
		case 'h':
			help(stdout);
			return DAEMON_GOOD;
		default:
			fputs("covend: try --help\n", stderr);
			return DAEMON_BROKEN;
		}
	if (optind < argc) {
		fprintf(stderr, "covend: what is \"%s\"? try --help\n", argv[optind]);
		return DAEMON_BROKEN;
	}
	if (!shown)
		return daemon_run(&wish);
	places_find(&places);
	return daemon_print_options(shown, wish.file ? wish.file : places.config);
}
