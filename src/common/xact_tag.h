/*
 * xact_tag.h
 *		The transaction that wrote a row, in a form that survives dump and
 *		restore: 44 bits of its number, above them 19 that tell one cluster and
 *		database from another.
 */
#ifndef PAYCORE_XACT_TAG_H
#define PAYCORE_XACT_TAG_H

#include "common/paycore.h"

#define PC_XACT_BITS	44

/* The running transaction's (never a subtransaction's); assigns its number. */
extern int64 pc_xact_tag(void);

/* This cluster's and database's part of a tag. */
extern int32 pc_xact_era(void);

static inline int32
pc_xact_tag_era(int64 tag)
{
	return (int32) (tag >> PC_XACT_BITS);
}

static inline uint64
pc_xact_tag_number(int64 tag)
{
	return (uint64) tag & ((UINT64CONST(1) << PC_XACT_BITS) - 1);
}

#endif							/* PAYCORE_XACT_TAG_H */
