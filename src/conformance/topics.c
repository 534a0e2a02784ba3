/* SPDX-License-Identifier: MIT */
/* topics.c - the order of the table. */
#include "conf.h"

extern const struct conf_topic conf_topic_envelopes;

const struct conf_topic *const conf_topics[] = {&conf_topic_envelopes, NULL};
