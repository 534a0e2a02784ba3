/* SPDX-License-Identifier: MIT */
/* What a file is, by its content. */
#include "formats/detect.h"

#include "riff_builder.h"
#include "tap.h"

static enum file_kind kind_of(const void *bytes, size_t size) { return detect_kind((struct span){bytes, size}); }

static enum file_kind soundfont(unsigned major, bool info_first)
{
    static struct rb b;
    b.size = 0;
    rb_begin(&b, "RIFF", "sfbk");
    if (!info_first) {
        rb_begin(&b, "LIST", "sdta");
        rb_end(&b);
    }
    rb_begin(&b, "LIST", "INFO");
    rb_text(&b, "INAM", "odd");
    rb_begin(&b, "ifil", NULL);
    rb_u16(&b, major), rb_u16(&b, 4);
    rb_end(&b);
    rb_end(&b);
    rb_end(&b);
    return detect_kind(rb_span(&b));
}

static void test_kinds(void)
{
    CHECK_EQ(kind_of("RIFF\4\0\0\0DLS ", 12), FILE_DLS);
    CHECK_EQ(kind_of("RIFF\4\0\0\0RMID", 12), FILE_RMID);
    CHECK_EQ(kind_of("RIFF\4\0\0\0sfbk", 12), FILE_SF2);
    CHECK_EQ(kind_of("FORM\0\0\0\4XDLS", 12), FILE_DLS);
    CHECK_EQ(kind_of("MThd\0\0\0\6", 8), FILE_SMF);
    CHECK_EQ(soundfont(2, true), FILE_SF2);
    CHECK_EQ(soundfont(3, true), FILE_SF3);
    CHECK_EQ(soundfont(3, false), FILE_SF3);
    CHECK_EQ(soundfont(4, true), FILE_SF2);
}

static void test_wrapped_song(void)
{
    static uint8_t bytes[70000];
    memcpy(bytes + 128, "MThd", 4); /* MacBinary */
    CHECK_EQ(kind_of(bytes, sizeof bytes), FILE_SMF);
    CHECK_EQ(kind_of(bytes, 132), FILE_SMF);
    CHECK_EQ(kind_of(bytes, 131), FILE_UNKNOWN);
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 'M', 5000); /* many beginnings */
    memcpy(bytes + 5000, "MThd", 4);
    CHECK_EQ(kind_of(bytes, sizeof bytes), FILE_SMF);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes + 65540, "MThd", 4);
    CHECK_EQ(kind_of(bytes, sizeof bytes), FILE_UNKNOWN);
}

static void test_unknown(void)
{
    CHECK_EQ(kind_of("", 0), FILE_UNKNOWN);
    CHECK_EQ(kind_of("RIFF\4\0\0\0DLS", 11), FILE_UNKNOWN);
    CHECK_EQ(kind_of("RIFF\4\0\0\0WAVEfmt ", 16), FILE_UNKNOWN);
    CHECK_EQ(kind_of("\x7F""ELF and so on and on", 20), FILE_UNKNOWN);
    CHECK_EQ(kind_of("M", 1), FILE_UNKNOWN);
}

static void test_names(void)
{
    CHECK_STR(file_kind_name(FILE_DLS), "DLS");
    CHECK_STR(file_kind_name(FILE_SF2), "SoundFont 2");
    CHECK(file_kind_name(FILE_UNKNOWN) != NULL);
    CHECK(file_kind_name((enum file_kind)99) != NULL);
}

int main(void)
{
    RUN(test_kinds);
    RUN(test_wrapped_song);
    RUN(test_unknown);
    RUN(test_names);
    return tap_done();
}
