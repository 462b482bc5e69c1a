/*
 * text.h
 *		Text that may be missing.
 */
#ifndef PAYCORE_TEXT_H
#define PAYCORE_TEXT_H

#include "common/paycore.h"

/* NULL is no value. */
static inline bool
pc_is(const char *text, const char *value)
{
	return text != NULL && strcmp(text, value) == 0;
}

#endif							/* PAYCORE_TEXT_H */
