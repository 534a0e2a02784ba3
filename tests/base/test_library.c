/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded on demand: what is told when one is missing, or misses a function. */
#include "base/library.h"
#include "tap.h"

struct functions {
    double (*cosine)(double);
    double (*root)(double);
};

static void test_missing_library(void)
{
    struct functions functions = {0};
    static const char *const names[] = {"cos", "sqrt"};
    struct library library = LIBRARY("PartyMusic", "libdmus-has-no-such.so.7", names, functions);
    struct dm_error err = {0};
    CHECK_EQ(library_load(&library, &err), DM_ERR_DEVICE);
    CHECK_STR(err.text, "PartyMusic: cannot load libdmus-has-no-such.so.7; is it installed?");
    CHECK(!library.loaded && !functions.cosine);
    library.soname = "libm.so.6"; /* installed meanwhile */
    CHECK_EQ(library_load(&library, &err), DM_OK);
    CHECK(functions.cosine && functions.cosine(0) == 1);
    CHECK(functions.root && functions.root(9) == 3);
    library.soname = "libdmus-has-no-such.so.7"; /* loaded once, it stays */
    CHECK_EQ(library_load(&library, &err), DM_OK);
}

static void test_missing_function(void)
{
    struct functions functions = {0};
    static const char *const names[] = {"cos", "dmus_cosine_of_1066"};
    struct library library = LIBRARY("Mathematics", "libm.so.6", names, functions);
    struct dm_error err = {0};
    CHECK_EQ(library_load(&library, &err), DM_ERR_DEVICE);
    CHECK_STR(err.text, "Mathematics: libm.so.6 has no dmus_cosine_of_1066; a newer one is needed");
    CHECK(!library.loaded);
}

int main(void)
{
    RUN(test_missing_library);
    RUN(test_missing_function);
    return tap_done();
}
