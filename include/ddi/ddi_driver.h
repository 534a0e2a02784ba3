/* SPDX-License-Identifier: MIT */
#ifndef DDI_DRIVER_H
#define DDI_DRIVER_H
#define IN
#define OUT
#define OPTIONAL
#endif
