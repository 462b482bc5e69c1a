/*
 * xact_tag.c
 *		The transaction that wrote a row.
 */
#include "common/paycore.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "common/hashfn.h"
#include "common/xact_tag.h"
#include "miscadmin.h"

#define ERA_BITS 19

PG_FUNCTION_INFO_V1(paycore_xact_tag);

int32
pc_xact_era(void)
{
	uint64		cluster[2] = {GetSystemIdentifier(), MyDatabaseId};

	return (int32) (hash_bytes((const unsigned char *) cluster, sizeof(cluster)) & ((1 << ERA_BITS) - 1));
}

int64
pc_xact_tag(void)
{
	uint64		number = U64FromFullTransactionId(GetTopFullTransactionId());

	return ((int64) pc_xact_era() << PC_XACT_BITS) | (int64) (number & ((UINT64CONST(1) << PC_XACT_BITS) - 1));
}

/* xact_tag() */
PGDLLEXPORT Datum
paycore_xact_tag(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(pc_xact_tag());
}
