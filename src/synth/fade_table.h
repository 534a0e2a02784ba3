/* SPDX-License-Identifier: MIT */
/*
 * fade_table.h - half a turn of a raised cosine in FADE_STEPS steps: the fade of
 * envelope.c, which is asked for two of them wherever a note is stolen.
 * tests/synth/test_curves.c holds the values to the formula. Internal to the engine.
 */
#ifndef DMUS_SYNTH_FADE_TABLE_H
#define DMUS_SYNTH_FADE_TABLE_H

#define FADE_STEPS 120u

/* 0.5 + 0.5 * fm_cos(i / (2.0 * FADE_STEPS)) */
static const double fade_table[FADE_STEPS + 1] = {
    0x1p+0, 0x1.ffe98addfa13ap-1, 0x1.ffa62f689730ep-1, 0x1.ff35f97133058p-1, 0x1.fe98fca7c33e3p-1,
    0x1.fdcf54976344ep-1, 0x1.fcd924a17f22ep-1, 0x1.fbb697f79e626p-1, 0x1.fa67e193d004p-1, 0x1.f8ed3c2fb8de7p-1,
    0x1.f746ea3a45f8ap-1, 0x1.f57535cc04aep-1, 0x1.f378709a22a8p-1, 0x1.f150f3e817f5p-1, 0x1.eeff2077fdc02p-1,
    0x1.ec835e79946a3p-1, 0x1.e9de1d77fbfcap-1, 0x1.e70fd446222dep-1, 0x1.e41900e9e9636p-1, 0x1.e0fa28860c5cap-1,
    0x1.ddb3d742c2656p-1, 0x1.da46a035282ap-1, 0x1.d6b31d45717eep-1, 0x1.d2f9ef13e89f9p-1, 0x1.cf1bbcdcbfa54p-1,
    0x1.cb19345ab9249p-1, 0x1.c6f309a8ad194p-1, 0x1.c2a9f721ef78ap-1, 0x1.be3ebd419df61p-1, 0x1.b9b22280dab67p-1,
    0x1.b504f333f9de6p-1, 0x1.b0380166a818ep-1, 0x1.ab4c24b7105ecp-1, 0x1.a6423a3007776p-1, 0x1.a11b242243d5fp-1,
    0x1.9bd7c9fca89f4p-1, 0x1.96791823aad2fp-1, 0x1.90ffffc7d7b3ap-1, 0x1.8b6d76bb83b8ep-1, 0x1.85c27747a974ep-1,
    0x1.8p-1, 0x1.7a271396509ecp-1, 0x1.7438b8ad1378p-1, 0x1.6e35f9a95b51dp-1, 0x1.681fe484186b4p-1,
    0x1.61f78a9abaa59p-1, 0x1.5bbe007f3b4cep-1, 0x1.55745dc796eaep-1, 0x1.4f1bbcdcbfa54p-1, 0x1.48b53ac910c59p-1,
    0x1.4241f7064c1a4p-1, 0x1.3bc3134b29f7ap-1, 0x1.3539b35884b1ep-1, 0x1.2ea6fcc6287c6p-1, 0x1.280c16cf50a6ep-1,
    0x1.216a2a1edb45ap-1, 0x1.1ac2609b3c577p-1, 0x1.1415e532398e5p-1, 0x1.0d65e3a477e48p-1, 0x1.06b38850e432bp-1,
    0x1p-1, 0x1.f298ef5e379acp-2, 0x1.e53438b71036ep-2, 0x1.d7d4359b8ce36p-2, 0x1.ca7b3ec987513p-2,
    0x1.bd2babc24974dp-2, 0x1.afe7d2615eb22p-2, 0x1.a2b20673af074p-2, 0x1.958c994ef69c3p-2, 0x1.8879d969ac10ep-2,
    0x1.7b7c11f367cb7p-2, 0x1.6e958a6dde74ep-2, 0x1.61c8864680b59p-2, 0x1.55174470d22a5p-2, 0x1.4883ff0189662p-2,
    0x1.3c10eaca8ab4ep-2, 0x1.2fc036f7cf298p-2, 0x1.23940cad495c4p-2, 0x1.178e8ea5d91p-2, 0x1.0bb1d8d35ec28p-2,
    0x1.0000000000002p-2, 0x1.e8f622e15a2c6p-3, 0x1.d24a2511f11c6p-3, 0x1.bc0000e0a1318p-3, 0x1.a61b9f7154b46p-3,
    0x1.90a0d80d5d82ap-3, 0x1.7b936f76f0a84p-3, 0x1.66f7173fe2226p-3, 0x1.52cf6d23be854p-3, 0x1.3f1ffa655f9c6p-3,
    0x1.2bec333018866p-3, 0x1.193775fc95268p-3, 0x1.07050af98827ap-3, 0x1.eab046f0843bp-4, 0x1.c867b2ba97364p-4,
    0x1.a7365d2a36dbcp-4, 0x1.8722191a02d6p-4, 0x1.68308760bb038p-4, 0x1.4a6715d47409p-4, 0x1.2dcafe56bebp-4,
    0x1.126145e9ecd54p-4, 0x1.f05d779f3a358p-5, 0x1.be6ff16169cap-5, 0x1.8f02bb9ddd23p-5, 0x1.621e28804035p-5,
    0x1.37ca1866b95dp-5, 0x1.100df88023fd8p-5, 0x1.d5e182fd0161p-6, 0x1.90f1ecbbabp-6, 0x1.5159467f6a4p-6,
    0x1.1722b8b740ebp-6, 0x1.c4b0f411c862p-7, 0x1.66079b0bffp-7, 0x1.125a0218676ap-7, 0x1.936daf406e94p-8,
    0x1.1855b44e5d94p-8, 0x1.6703583cc1dp-9, 0x1.940d1d99f51p-10, 0x1.67425da33c6p-11, 0x1.6752205ec58p-13,
    0x0p+0,
};

#endif
