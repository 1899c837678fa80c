/* SPDX-License-Identifier: GPL-3.0-or-later */
/* random: bytes nobody can foresee, from the kernel, fetched in blocks for each thread. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *room, size_t length); /* any thread; aborts when the kernel has none */
uint64_t random_number(void);

#endif
