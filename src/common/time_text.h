/*
 * time_text.h
 *		Times out of text that others wrote.
 */
#ifndef PAYCORE_TIME_TEXT_H
#define PAYCORE_TIME_TEXT_H

#include "common/paycore.h"
#include "utils/timestamp.h"

/* As timestamptz_in() reads it, with its errors; it may be infinite. */
extern TimestampTz pc_time_in(const char *text);

/* As timestamptz_in() reads it, but false, not an error, where it is no finite time. */
extern bool pc_time_parse(const char *text, TimestampTz *at);

#endif							/* PAYCORE_TIME_TEXT_H */
