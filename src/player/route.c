/* SPDX-License-Identifier: MIT */
#include "route.h"

enum dm_status route_check_granted(const struct route_config *wanted, const struct route_granted *granted, struct dm_error *err)
{
    if (granted->sample_rate == wanted->sample_rate && granted->channels == wanted->channels && granted->voices == wanted->voices &&
        granted->groups == wanted->groups)
        return DM_OK;
    return dm_fail(err, DM_ERR_ARGUMENT,
                   "the synthesizer offers %u Hz, %u channels, %u voices, %u channel groups for %u, %u, %u, %u",
                   (unsigned)granted->sample_rate, (unsigned)granted->channels, (unsigned)granted->voices, (unsigned)granted->groups,
                   (unsigned)wanted->sample_rate, (unsigned)wanted->channels, (unsigned)wanted->voices, (unsigned)wanted->groups);
}
