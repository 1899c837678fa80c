/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reg: `covenctl reg list|show|drop`: who is registered where, and no longer. */
#ifndef REGISTRAR_REG_H
#define REGISTRAR_REG_H

#include <coven/plugin.h>

#define REG_PAGE 100 /* AoRs that are read, and in memory, at a time */

/* Keeps what runs in coven_self(). */
coven_command_fn reg_command;
enum coven_verdict reg_start(struct coven_instance *in);
void reg_stop(struct coven_instance *in);

/* A line about a REGISTER that was to change something: without names, and few a second however many come. */
void reg_log(struct coven_instance *in, struct coven_request *req, int status, size_t contacts);

#define REG_USAGE "list [AOR] | show AOR | drop AOR [CONTACT]"
#define REG_HELP "where users can be reached: all, one with all that is known, or no longer"

#endif
