/* SPDX-License-Identifier: MIT */
/* The second unit of test_guids, which defines the same GUIDs by way of initguid.h. */
#ifndef DMUS_TESTS_GUIDS_H
#define DMUS_TESTS_GUIDS_H

const void *guids_second_unit(int which);

#endif
