/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample: what rows of options say, for people: the table of `covend --options NAME`, and a sample
 * of the configuration with every option in it. */
#ifndef HOST_SAMPLE_H
#define HOST_SAMPLE_H

#include "host/option.h"

/* One line an option: name, type, limits, default, help; columns indented. */
void option_print(struct option_rows rows, FILE *out);
/* An entry for `plugins`, defaults as comments, required values to be filled in. */
void sample_print(struct option_rows rows, const char *name, const char *summary, FILE *out);

#endif
