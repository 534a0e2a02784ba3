/* SPDX-License-Identifier: MIT */
/*
 * hash.h - SHA-256 (FIPS 180-4): the checksum that names a bank or a render in
 * reports. No allocation; each state belongs to one thread at a time.
 *
 * Hashing a mapped bank touches all its pages: ask for it only when it is shown.
 */
#ifndef DMUS_BASE_HASH_H
#define DMUS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_TEXT_SIZE (2 * SHA256_BYTES + 1)

struct sha256 {
    uint32_t state[8];
    uint64_t size;       /* bytes so far */
    uint8_t pending[64]; /* the first size % 64 are filled */
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t size);
/* Ends the hash; the state must be initialised anew before further use. */
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES]);

/* Digest as lower-case hexadecimal with a NUL. */
void sha256_text(const uint8_t digest[SHA256_BYTES], char text[SHA256_TEXT_SIZE]);

#endif
