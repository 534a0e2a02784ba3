/* SPDX-License-Identifier: MIT */
/* A shared object that is no driver. */
int nothing_to_see(void);
int nothing_to_see(void) { return 1; }
