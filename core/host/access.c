/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access: the built-in rules; plugins refine them in AUTH.
 *
 * Who has proved an account may go anywhere.  Who has not reaches the domain itself and, if strangers are
 * welcome, its users; never a place that is not ours (no open relay), and nothing by a dialog that nobody vouches
 * for. */
#include "host/access.h"

unsigned
access_judge(struct coven_request *r)
{
	const struct host_request *hr = r->host;

	if (hr->caller.at || hr->for_domain)
		return 0;
	if (!hr->local_user)
		return 403;
	if (r->message.to_tag.length)
		return 481;
	return hr->tenure->edition->strangers ? 0 : 403;
}
