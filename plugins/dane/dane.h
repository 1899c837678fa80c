/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dane: options, and what each worker has. */
#ifndef DANE_DANE_H
#define DANE_DANE_H

#include "judge.h"

struct dane_row {
	struct coven_slice domain; /* "b.example", "*.example", "*" */
	int64_t policy;
};

struct dane_options {
	struct coven_rows policies; /* of dane_row */
	int64_t sip, sips;          /* where no row fits; enum policy */
};

struct inquiry;
struct dane_worker {
	struct inquiry *inquiries; /* certificates that are looked at now */
	unsigned count;
	int64_t second;            /* lines of the log */
	unsigned lines;
};

enum policy dane_policy(const struct coven_instance *in, struct coven_slice domain, bool sips);
bool dane_may_log(struct coven_instance *in);

#endif
