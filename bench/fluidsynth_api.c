/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "fluidsynth_api.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static bool find(void *library, void *function, const char *name)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

bool fluidsynth_api_open(struct fluidsynth_api *a)
{
    void *l = dlopen("libfluidsynth.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!l || !find(l, &a->new_settings, "new_fluid_settings") || !find(l, &a->delete_settings, "delete_fluid_settings") ||
        !find(l, &a->setnum, "fluid_settings_setnum") || !find(l, &a->setint, "fluid_settings_setint") ||
        !find(l, &a->setstr, "fluid_settings_setstr") || !find(l, &a->new_synth, "new_fluid_synth") ||
        !find(l, &a->delete_synth, "delete_fluid_synth") || !find(l, &a->sfload, "fluid_synth_sfload") ||
        !find(l, &a->system_reset, "fluid_synth_system_reset") || !find(l, &a->set_interp, "fluid_synth_set_interp_method") ||
        !find(l, &a->voices, "fluid_synth_get_active_voice_count") || !find(l, &a->write_float, "fluid_synth_write_float") ||
        !find(l, &a->new_player, "new_fluid_player") || !find(l, &a->delete_player, "delete_fluid_player") ||
        !find(l, &a->player_add, "fluid_player_add") || !find(l, &a->player_play, "fluid_player_play") ||
        !find(l, &a->player_stop, "fluid_player_stop") || !find(l, &a->set_log, "fluid_set_log_function"))
        return false;
    for (int level = 0; level < 5; level++)
        a->set_log(level, NULL, NULL);
    return true;
}
