/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crc: CRC-32C (Castagnoli), by the processor's own instruction where it has one. */
#ifndef STORE_LMDB_CRC_H
#define STORE_LMDB_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of these bytes, going on from `crc` (0 to begin with). */
uint32_t crc_add(uint32_t crc, const void *bytes, size_t length);

#endif
