/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { GM2_DRUM_BANK = 0x78, GM2_MELODIC_BANK = 0x79 };

struct stack {
    struct dmus_bank *const *banks;
    size_t count;
};

/* An instrument of the stack. */
struct place {
    bool found;
    uint32_t bank, entry;
};

void selection_clear(struct selection *selection)
{
    for (uint32_t i = 0; i < selection->count; i++)
        dm_free(selection->selected[i].uses);
    for (uint32_t i = 0; i < selection->rest_count; i++)
        dm_free(selection->rests[i]);
    dm_free(selection->rests);
    dm_free(selection->selected);
    dm_free(selection->substitutions);
    memset(selection, 0, sizeof *selection);
}

bool selected_wants(const struct selected *selected, const struct dls_region *region)
{
    if (selected->whole)
        return true;
    for (uint32_t i = 0; i < selected->use_count; i++)
        if (plan_use_wants(selected->uses[i], region->key_low, region->key_high, region->velocity_low,
                           region->velocity_high))
            return true;
    return false;
}

/* ---- the engine's order of fallbacks ---- */

static struct place exact(const struct stack *stack, uint32_t patch)
{
    for (size_t i = 0; i < stack->count; i++) {
        int64_t entry = bank_find(stack->banks[i], patch);
        if (entry >= 0)
            return (struct place){true, (uint32_t)i, (uint32_t)entry};
    }
    return (struct place){0};
}

static struct place at_address(const struct stack *stack, bool drums, uint32_t msb, uint32_t lsb, uint32_t program)
{
    return exact(stack, (drums ? PLAN_DRUMS : 0) | msb << 16 | lsb << 8 | program);
}

static struct place kit(const struct stack *stack, uint32_t program)
{
    struct place at = at_address(stack, true, 0, 0, program);
    if (!at.found)
        at = at_address(stack, true, GM2_DRUM_BANK, 0, program);
    if (!at.found)
        at = at_address(stack, false, GM2_DRUM_BANK, 0, program);
    return at;
}

static struct place find_drums(const struct stack *stack, uint32_t msb, uint32_t lsb, uint32_t program)
{
    struct place at = at_address(stack, true, msb, lsb, program);
    if (!at.found && msb == GM2_DRUM_BANK)
        at = at_address(stack, false, msb, lsb, program);
    if (!at.found && lsb)
        at = at_address(stack, true, msb, 0, program);
    if (!at.found)
        at = kit(stack, program);
    if (!at.found)
        at = kit(stack, program & 0x78);
    if (!at.found)
        at = kit(stack, 0);
    return at;
}

/* Any melodic bank with the program, lowest first. */
static struct place any_bank(const struct stack *stack, uint32_t program)
{
    struct place best = {0};
    uint32_t best_patch = UINT32_MAX;
    for (size_t i = 0; i < stack->count; i++) {
        const struct dmus_bank *bank = stack->banks[i];
        for (uint32_t k = 0; k < bank->by_patch_count; k++) {
            uint32_t entry = bank->by_patch[k], patch = bank->entries[entry].patch;
            if ((patch & 127) == program && !(patch & PLAN_DRUMS) && (patch >> 16 & 127) != GM2_DRUM_BANK &&
                patch < best_patch) {
                best_patch = patch;
                best = (struct place){true, (uint32_t)i, entry};
            }
        }
    }
    return best;
}

static struct place find_melodic(const struct stack *stack, uint32_t msb, uint32_t lsb, uint32_t program)
{
    struct place at = at_address(stack, false, msb, lsb, program);
    if (!at.found && msb == GM2_MELODIC_BANK)
        at = at_address(stack, true, msb, lsb, program);
    if (!at.found && lsb)
        at = at_address(stack, false, msb, 0, program);
    if (!at.found)
        at = at_address(stack, false, 0, 0, program);
    if (!at.found)
        at = at_address(stack, false, GM2_MELODIC_BANK, 0, program);
    return at.found ? at : any_bank(stack, program);
}

static struct place resolve(const struct stack *stack, uint32_t patch, bool studio)
{
    bool drums = (patch & PLAN_DRUMS) != 0;
    if (!studio) {
        struct place at = exact(stack, patch);
        return at.found || !drums ? at : exact(stack, PLAN_DRUMS);
    }
    uint32_t msb = patch >> 16 & 127, lsb = patch >> 8 & 127, program = patch & 127;
    return drums ? find_drums(stack, msb, lsb, program) : find_melodic(stack, msb, lsb, program);
}

/* ---- collecting ---- */

/* Room for one more in an array that doubles. */
static bool grow(void **array, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    uint32_t more = *capacity ? *capacity * 2 : 8;
    void *grown = dm_realloc(*array, more, size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = more;
    return true;
}

/* The selection of AT, looked for among the first KNOWN, made if need be. */
static struct selected *select_among(struct selection *out, const struct stack *stack, struct place at, uint32_t known)
{
    for (uint32_t i = 0; i < known; i++)
        if (out->selected[i].bank == at.bank && out->selected[i].entry == at.entry)
            return &out->selected[i];
    void *array = out->selected;
    if (!grow(&array, out->count, &out->capacity, sizeof *out->selected))
        return NULL;
    out->selected = array;
    struct selected *s = &out->selected[out->count++];
    *s = (struct selected){
        .bank = at.bank, .entry = at.entry, .patch = stack->banks[at.bank]->entries[at.entry].patch};
    return s;
}

static struct selected *select_place(struct selection *out, const struct stack *stack, struct place at)
{
    return select_among(out, stack, at, out->count);
}

static bool add_use(struct selected *s, const struct plan_use *use)
{
    void *array = s->uses;
    if (!grow(&array, s->use_count, &s->use_capacity, sizeof *s->uses))
        return false;
    s->uses = array;
    s->uses[s->use_count++] = use;
    return true;
}

static bool note_substitution(struct selection *out, const struct plan_use *use, int64_t selected)
{
    void *array = out->substitutions;
    if (!grow(&array, out->substitution_count, &out->substitution_capacity, sizeof *out->substitutions))
        return false;
    out->substitutions = array;
    out->substitutions[out->substitution_count++] = (struct substitution){use, selected};
    return true;
}

/* Take away from REST what REGION plays. */
static void cover(struct plan_use *rest, const struct dls_region *region)
{
    uint32_t high = region->velocity_high ? region->velocity_high : 127;
    for (uint32_t key = region->key_low; key <= region->key_high && key <= 127; key++)
        for (uint32_t velocity = region->velocity_low; velocity <= high && velocity <= 127; velocity++)
            rest->velocities[key][velocity / 32] &= ~(1u << velocity % 32);
}

static bool empty(const struct plan_use *use)
{
    for (uint32_t key = 0; key < 128; key++)
        for (uint32_t word = 0; word < 4; word++)
            if (use->velocities[key][word])
                return false;
    return true;
}

/* A key that a kit lacks is taken from kit 0 (synth/notes.c). */
static enum dm_status select_rest(struct selection *out, const struct stack *stack, const struct plan_use *use,
                                  struct place at, struct dm_error *err)
{
    struct place kit0 = resolve(stack, PLAN_DRUMS, true);
    if (!at.found || !kit0.found || (kit0.bank == at.bank && kit0.entry == at.entry))
        return DM_OK;
    const struct dls_instrument *instrument;
    struct dmus_bank *bank = stack->banks[at.bank];
    enum dm_status status = bank->ops->instrument(bank, at.entry, &instrument, err);
    if (status != DM_OK)
        return status;
    void *array = out->rests;
    struct plan_use *rest = dm_malloc(sizeof *rest);
    if (!rest || !grow(&array, out->rest_count, &out->rest_capacity, sizeof *out->rests)) {
        dm_free(rest);
        return dm_fail(err, DM_ERR_NOMEM, "no memory to choose instruments");
    }
    out->rests = array;
    out->rests[out->rest_count++] = rest;
    *rest = *use;
    struct bank_wave wave;
    for (uint32_t i = 0; i < instrument->region_count; i++) {
        bank->ops->wave(bank, instrument->regions[i].wave, &wave);
        if (wave.frames)
            cover(rest, &instrument->regions[i]);
    }
    if (empty(rest))
        return DM_OK;
    struct selected *s = select_place(out, stack, kit0);
    return s && add_use(s, rest) ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "no memory to choose instruments");
}

static enum dm_status select_use(struct selection *out, const struct stack *stack, const struct plan_use *use,
                                 bool studio, struct dm_error *err)
{
    struct place at = resolve(stack, use->patch, studio);
    int64_t index = -1;
    bool done = true;
    if (at.found) {
        struct selected *s = select_place(out, stack, at);
        done = s && add_use(s, use);
        index = s ? s - out->selected : -1;
    }
    if (done && use->notes && (index < 0 || out->selected[index].patch != use->patch))
        done = note_substitution(out, use, index);
    if (!done)
        return dm_fail(err, DM_ERR_NOMEM, "no memory to choose instruments");
    return studio && use->patch & PLAN_DRUMS ? select_rest(out, stack, use, at, err) : DM_OK;
}

static bool select_all(struct selection *out, const struct stack *stack)
{
    uint32_t known = out->count; /* what is added here is met but once */
    for (size_t i = 0; i < stack->count; i++)
        for (uint32_t k = 0; k < stack->banks[i]->by_patch_count; k++) {
            struct place at = {true, (uint32_t)i, stack->banks[i]->by_patch[k]};
            struct place first = exact(stack, stack->banks[i]->entries[at.entry].patch);
            if (first.bank != at.bank)
                continue;
            struct selected *s = select_among(out, stack, at, known);
            if (!s)
                return false;
            s->whole = true;
        }
    return true;
}

enum dm_status selection_make(struct dmus_bank *const *banks, size_t bank_count, const struct song_plan *plan,
                              bool studio, bool all, struct selection *out, struct dm_error *err)
{
    struct stack stack = {banks, bank_count};
    memset(out, 0, sizeof *out);
    enum dm_status status = DM_OK;
    for (uint32_t i = 0; status == DM_OK && i < plan->count; i++)
        status = select_use(out, &stack, &plan->uses[i], studio, err);
    if (status == DM_OK && (all || plan->everything) && !select_all(out, &stack))
        status = dm_fail(err, DM_ERR_NOMEM, "no memory to choose instruments");
    if (status != DM_OK)
        selection_clear(out);
    return status;
}

static const char *patch_text(char *text, size_t size, uint32_t patch)
{
    snprintf(text, size, "%s%u:%u:%u", patch & DMUS_PATCH_DRUMS ? "drums " : "", (unsigned)(patch >> 16 & 127),
             (unsigned)(patch >> 8 & 127), (unsigned)(patch & 127));
    return text;
}

/* Patches are told as CC0:CC32:program. A song that asks for the first GM 2 bank of a bank without one gets what it means. */
void selection_tell(const struct selection *selection, struct dmus_bank *const *banks, const struct dm_notes *notes)
{
    for (uint32_t i = 0; i < selection->substitution_count; i++) {
        const struct substitution *sub = &selection->substitutions[i];
        char wanted[40], played[40];
        patch_text(wanted, sizeof wanted, sub->use->patch);
        if (sub->selected < 0) {
            dm_note(notes, "patch %s (%s) is in no bank: %u notes without sound", wanted, dmus_gm_name(sub->use->patch),
                    (unsigned)sub->use->notes);
            continue;
        }
        const struct selected *s = &selection->selected[sub->selected];
        dm_note(notes, "patch %s (%s) is in no bank: %s '%s' plays its %u notes", wanted, dmus_gm_name(sub->use->patch),
                patch_text(played, sizeof played, s->patch), banks[s->bank]->entries[s->entry].name, (unsigned)sub->use->notes);
    }
}
