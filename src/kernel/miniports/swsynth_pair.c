/* SPDX-License-Identifier: MIT */
#include "swsynth.h"

bool swsynth_fits(const struct swsynth_stream *wave, const struct swsynth_instance *instance)
{
    return !instance->engine || (instance->params.rate == wave->rate && instance->params.channels == wave->channels);
}

void swsynth_join(struct swsynth_stream *wave, struct swsynth_instance *instance)
{
    swsynth_gate_close(&wave->gate);
    wave->instance = instance;
    instance->wave = wave;
    swsynth_gate_open(&wave->gate);
}

void swsynth_part(struct swsynth_stream *wave)
{
    struct swsynth_instance *instance = wave->instance;
    if (!instance)
        return;
    swsynth_gate_close(&wave->gate);
    wave->instance = NULL;
    instance->wave = NULL;
    swsynth_gate_open(&wave->gate);
    swsynth_instance_stop(instance, true);
}

void swsynth_pair(struct swsynth_miniport *miniport)
{
    for (struct swsynth_stream *wave = miniport->streams; wave; wave = wave->next) {
        if (!wave->wave || wave->instance || wave->choosy)
            continue;
        for (struct swsynth_stream *midi = miniport->streams; midi; midi = midi->next)
            if (!midi->wave && !midi->instance->wave && swsynth_fits(wave, midi->instance)) {
                swsynth_join(wave, midi->instance);
                break;
            }
    }
}
