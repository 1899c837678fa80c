/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop_memory: what libev's tables grow in. */
#ifndef BASE_LOOP_MEMORY_H
#define BASE_LOOP_MEMORY_H

void loop_memory_open(void); /* before the first loop; once is enough, more does no harm */

#endif
