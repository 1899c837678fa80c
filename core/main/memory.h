/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory: how much of it this process may have. */
#ifndef MAIN_MEMORY_H
#define MAIN_MEMORY_H

#include <stdint.h>

/* Bytes: the least of what the machine has, the limits of the process and those of its control groups. */
int64_t memory_there(void);

#endif
