/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/given.h"

#include <string.h>

#include "kernel/wdm/impl.h"

void wdm_given_begin(struct wdm_given *given, enum wdm_rule rule, const char *what)
{
    struct wdm_machine *m = wdm_self()->machine;
    *given = (struct wdm_given){.machine = m, .what = what, .rule = rule, .code = wdm_caller()};
    pthread_mutex_lock(&m->pool.lock);
    given->serial = ++m->pool.serial;
    given->next = m->pool.given;
    given->link = &m->pool.given;
    if (given->next)
        given->next->link = &given->next;
    m->pool.given = given;
    pthread_mutex_unlock(&m->pool.lock);
}

static void unlink_locked(struct wdm_given *given)
{
    *given->link = given->next;
    if (given->next)
        given->next->link = given->link;
    given->machine = NULL;
}

void wdm_given_end(struct wdm_given *given)
{
    struct wdm_machine *m = given->machine;
    if (!m)
        return;
    pthread_mutex_lock(&m->pool.lock);
    unlink_locked(given);
    pthread_mutex_unlock(&m->pool.lock);
}

/* What a driver left may outlast the machine. */
void given_finish(struct wdm_machine *m)
{
    while (m->pool.given)
        unlink_locked(m->pool.given);
}

struct kind {
    const char *what;
    enum wdm_rule rule;
    size_t count;
    uint64_t serial; /* of the one that led to it */
    uintptr_t code;  /* the same one's */
    bool told;       /* by an older one */
};

/* The oldest one younger than AFTER, but not than END, and how many there are of its kind. False: none. */
static bool next_kind_locked(const struct wdm_pool *pool, uint64_t mark, uint64_t after, uint64_t end, struct kind *kind)
{
    *kind = (struct kind){.serial = UINT64_MAX};
    for (const struct wdm_given *g = pool->given; g; g = g->next)
        if (g->serial > after && g->serial <= end && g->serial < kind->serial)
            *kind = (struct kind){.what = g->what, .rule = g->rule, .serial = g->serial, .code = g->code};
    for (const struct wdm_given *g = pool->given; g && kind->what; g = g->next)
        if (g->serial > mark && g->serial <= end && strcmp(g->what, kind->what) == 0) {
            kind->count++;
            kind->told |= g->serial <= after;
        }
    return kind->what != NULL;
}

size_t wdm_given_report(struct wdm_machine *m, uint64_t mark, uint64_t end, const char *owner)
{
    struct kind kind;
    size_t count = 0;
    for (uint64_t after = mark;; after = kind.serial) {
        pthread_mutex_lock(&m->pool.lock);
        bool more = next_kind_locked(&m->pool, mark, after, end, &kind);
        pthread_mutex_unlock(&m->pool.lock);
        if (!more)
            return count;
        if (kind.told)
            continue;
        count += kind.count;
        wdm_broken_at(kind.rule, kind.count == 1 ? "made in" : "the first made in", kind.code, "%s left %zu %s%s", owner,
                      kind.count, kind.what, kind.count == 1 ? "" : "s");
    }
}
