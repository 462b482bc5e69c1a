/*
 * met.c
 *		Where the rows are that this transaction has met.
 *
 * A hint and no more: what is found at a place counts only if the snapshot sees
 * it and it has the key that was asked for.
 */
#include "common/paycore.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/met.h"
#include "utils/snapmgr.h"

/* A call meets an account, an intent, a payment and a refund. */
#define MOST	8

typedef struct Met
{
	Oid			relation;
	pg_uuid_t	id;
	ItemPointerData place;
} Met;

static struct
{
	bool		callbacks;
	uint32		n;				/* grows on: the oldest gives way */
	Met			rows[MOST];
}			met;

/* With its lock on the table goes what keeps the pages there. */
static void
transaction_ends(XactEvent event, void *arg)
{
	met.n = 0;
}

static void
subtransaction_ends(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		met.n = 0;
}

static Met *
known(Oid relation, const pg_uuid_t *id)
{
	for (int i = (int) Min(met.n, MOST) - 1; i >= 0; i--)
	{
		if (met.rows[i].relation == relation && memcmp(&met.rows[i].id, id, sizeof(*id)) == 0)
			return &met.rows[i];
	}
	return NULL;
}

void
pc_met(Relation relation, const pg_uuid_t *id, const ItemPointerData *place)
{
	Met		   *row = known(RelationGetRelid(relation), id);

	if (!met.callbacks)
	{
		RegisterXactCallback(transaction_ends, NULL);
		RegisterSubXactCallback(subtransaction_ends, NULL);
		met.callbacks = true;
	}
	if (row == NULL)
		row = &met.rows[met.n++ % MOST];
	row->relation = RelationGetRelid(relation);
	row->id = *id;
	row->place = *place;
}

static bool
is_value(Oid type, Datum a, Datum b)
{
	if (type == UUIDOID)
		return memcmp(DatumGetUUIDP(a), DatumGetUUIDP(b), sizeof(pg_uuid_t)) == 0;
	return type == TEXTOID && VARSIZE_ANY_EXHDR(DatumGetPointer(a)) == VARSIZE_ANY_EXHDR(DatumGetPointer(b)) &&
		memcmp(VARDATA_ANY(DatumGetPointer(a)), VARDATA_ANY(DatumGetPointer(b)), VARSIZE_ANY_EXHDR(DatumGetPointer(a))) == 0;
}

static bool
has_key(Relation relation, Relation index, const Datum *values, TupleTableSlot *slot)
{
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		AttrNumber	attnum = index->rd_index->indkey.values[i];
		bool		isnull;
		Datum		value;

		if (attnum < 1)
			return false;
		value = slot_getattr(slot, attnum, &isnull);
		if (isnull || !is_value(TupleDescAttr(RelationGetDescr(relation), attnum - 1)->atttypid, value, values[i]))
			return false;
	}
	return true;
}

/* Only of such a table pages can go while it is locked. */
static bool
is_of_new_file(Relation relation)
{
	return relation->rd_createSubid != InvalidSubTransactionId || PC_FIRST_FILE_SUBID(relation) != InvalidSubTransactionId;
}

bool
pc_meet_again(Relation relation, Relation index, const Datum *values, TupleTableSlot *slot)
{
	Met		   *row;

	if (met.n == 0 || is_of_new_file(relation))
		return false;
	row = known(RelationGetRelid(relation), DatumGetUUIDP(values[0]));
	return row != NULL && table_tuple_fetch_row_version(relation, &row->place, GetActiveSnapshot(), slot) &&
		has_key(relation, index, values, slot);
}
