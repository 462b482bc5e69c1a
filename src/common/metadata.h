/*
 * metadata.h
 *		What an application may hang on an object, within what gateways carry.
 *
 * Stripe takes 50 keys.  Five names are paycore's own on every object it
 * sends, so that an answer that got lost can be found again by them.
 */
#ifndef PAYCORE_METADATA_H
#define PAYCORE_METADATA_H

#include "common/paycore.h"

#define PC_METADATA_KEYS		45
#define PC_METADATA_KEY_CHARS	40
#define PC_METADATA_VALUE_CHARS 500
#define PC_METADATA_RESERVED	"paycore_"

static inline bool
pc_metadata_is_reserved(const char *key, int len)
{
	return len >= (int) strlen(PC_METADATA_RESERVED) && memcmp(key, PC_METADATA_RESERVED, strlen(PC_METADATA_RESERVED)) == 0;
}

#endif							/* PAYCORE_METADATA_H */
