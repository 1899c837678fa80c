/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys: by what another process can tell that a request belongs to a transaction of this one. */
#ifndef TX_KEYS_H
#define TX_KEYS_H

#include "tx/tx.h"

/* Of the transaction that m would find, as match_server() does: INVITE's for ACK and CANCEL.  False: only a branch with the
 * magic cookie tells. */
bool tx_key(const struct keyed *shared_hash, const struct sip_message *m, uint64_t *key);
/* Those of all server transactions; room for tx->servers.count.  Gives their number. */
size_t tx_keys(struct tx *tx, uint64_t *room);
/* Is there a client transaction for this response? */
bool tx_expects(const struct tx *tx, const struct sip_message *m);

#endif
