/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificates: the files of `tls` become what core/net shakes hands with. */
#ifndef MAIN_CERTIFICATES_H
#define MAIN_CERTIFICATES_H

#include "main/settings.h"
#include "net/tls.h"

#define CERTIFICATE_FILE_MAX (256 * 1024)
#define CERTIFICATE_DAYS 14 /* so long before its end a line of the log says so */

/* Reads all files, as who we are now; `user` is who will read them at a reload.  net: whose listeners need a certificate, or
 * NULL.  The set is the caller's (tls_set_drop()), empty where none is configured.  NULL: complained. */
struct tls_set *certificates_read(const struct settings *s, const struct option_set *set, const struct net_shared *net,
                                  uid_t user, struct complaints *list);

#endif
