/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data: what plugins keep with a request.  Implements coven_alloc(), coven_print(), coven_data(), coven_set_data(). */
#ifndef HOST_DATA_H
#define HOST_DATA_H

#include "host/state.h"

void data_destroy(struct host_request *hr);

#endif
