/*
 * entry.c
 *		paycore.check_ledger_entry(): what makes a row an entry.
 *
 * An entry names both sides and one amount, so that it balances by itself; the
 * guard sees to the rest: two accounts of the tenant in the amount's currency,
 * an amount above zero, and a time and a transaction number that nobody can choose.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/catalog.h"
#include "common/writer.h"
#include "guards/columns.h"
#include "ledger/internal.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_check_ledger_entry);

/* The trigger's arguments, in this order. */
enum
{
	COL_ID, COL_TENANT, COL_TRANSFER, COL_DEBIT, COL_CREDIT, COL_AMOUNT, COL_FACT, COL_OBJECT, COL_NTH,
	COL_OCCURRED, COL_RECORDED, COL_TXN, NCOLUMNS
};

typedef struct EntryRow
{
	TriggerData *trigger;
	const GuardColumns *columns;
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];
} EntryRow;

static char *
uuid_text(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

static void
check_account(const char *tenant, const pg_uuid_t *id, PcMoney amount)
{
	PcCurrency	currency = 0;

	if (!pc_ledger_account(tenant, id, &currency))
		ereport(ERROR,
				(errcode(ERRCODE_PC_LEDGER_ACCOUNT),
				 errmsg("tenant \"%s\" has no ledger account %s", tenant, uuid_text(id)),
				 errhint("Open it with paycore.open_ledger_account().")));
	if (currency != pc_money_currency(amount))
		ereport(ERROR,
				(errcode(ERRCODE_PC_LEDGER_ACCOUNT),
				 errmsg("ledger account %s is in %s, the amount in %s", uuid_text(id),
						pc_currency_by_number(currency)->code, pc_currency_by_number(pc_money_currency(amount))->code),
				 errhint("A transfer between currencies needs an account of each, and an entry in each.")));
}

static void
check_sides(const char *tenant, const pg_uuid_t *debit, const pg_uuid_t *credit, PcMoney amount)
{
	char		text[PC_MONEY_TEXT_LEN];

	if (pc_money_amount(amount) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_AMOUNT_NOT_POSITIVE),
				 errmsg("the amount of a ledger entry must be above zero"),
				 errdetail("It is %s.", pc_money_to_text(amount, text)),
				 errhint("What goes the other way is an entry with the accounts exchanged.")));
	if (memcmp(debit, credit, sizeof(pg_uuid_t)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a ledger entry has two accounts"),
				 errdetail("It would debit and credit account %s.", uuid_text(debit))));
	check_account(tenant, debit, amount);
	check_account(tenant, credit, amount);
}

static void
read_row(EntryRow *row)
{
	static const Oid types[NCOLUMNS] = {
		UUIDOID, TEXTOID, UUIDOID, UUIDOID, UUIDOID, InvalidOid, TEXTOID, UUIDOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID
	};

	for (int i = 0; i < NCOLUMNS; i++)
	{
		AttrNumber	attnum = row->columns->columns[i].attnum;

		pc_guard_check_type(row->trigger, attnum, i == COL_AMOUNT ? pc_type_oid(PC_TYPE_MONEY) : types[i]);
		row->values[i] = pc_guard_get(row->trigger, row->trigger->tg_trigtuple, attnum, &row->nulls[i]);
	}
}

static void
require(const EntryRow *row, int column)
{
	if (row->nulls[column])
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a ledger entry needs a value in column \"%s\"", row->columns->columns[column].argument),
				 errdetail("An entry without one of its sides would not balance."),
				 errtablecol(row->trigger->tg_relation, row->columns->columns[column].attnum)));
}

/* Facts are posted by paycore, and by nobody else. */
static void
check_fact(const EntryRow *row)
{
	if (row->nulls[COL_FACT] && row->nulls[COL_OBJECT] && row->nulls[COL_NTH])
		return;
	if (!pc_writer_for_trigger().through_api)
		ereport(ERROR,
				(errcode(ERRCODE_PC_DIRECT_WRITE),
				 errmsg("facts are posted to the ledger by paycore itself"),
				 errdetail("The columns fact, object_id and nth name what paycore has posted."),
				 errhint("Leave them NULL; name what the transfer is about in its description or metadata."),
				 errtable(row->trigger->tg_relation)));
}

static void
check_times(const EntryRow *row)
{
	if (!row->nulls[COL_OCCURRED] && TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(row->values[COL_OCCURRED])))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a ledger entry happened at some time"),
				 errtable(row->trigger->tg_relation)));
}

static HeapTuple
complete(EntryRow *row)
{
	static const int filled[] = {COL_TRANSFER, COL_OCCURRED, COL_RECORDED, COL_TXN};
	int			attnums[lengthof(filled)];
	Datum		values[lengthof(filled)];
	bool		nulls[lengthof(filled)] = {false};

	if (row->nulls[COL_TRANSFER])
		row->values[COL_TRANSFER] = row->values[COL_ID];
	if (row->nulls[COL_OCCURRED])
		row->values[COL_OCCURRED] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	row->values[COL_RECORDED] = TimestampTzGetDatum(GetCurrentTimestamp());
	row->values[COL_TXN] = Int64GetDatum(pc_ledger_txn());
	for (int i = 0; i < (int) lengthof(filled); i++)
	{
		attnums[i] = row->columns->columns[filled[i]].attnum;
		values[i] = row->values[filled[i]];
	}
	return heap_modify_tuple_by_cols(row->trigger->tg_trigtuple, RelationGetDescr(row->trigger->tg_relation),
									 lengthof(filled), attnums, values, nulls);
}

/* BEFORE INSERT, row, on ledger_entries. */
PGDLLEXPORT Datum
paycore_check_ledger_entry(PG_FUNCTION_ARGS)
{
	EntryRow	row = {.trigger = pc_guard_begin(fcinfo, "check_ledger_entry", GUARD_BEFORE_ROW, NCOLUMNS)};
	PcIdentity	caller;

	row.columns = pc_guard_columns(row.trigger);
	read_row(&row);
	require(&row, COL_ID);
	require(&row, COL_TENANT);
	require(&row, COL_DEBIT);
	require(&row, COL_CREDIT);
	require(&row, COL_AMOUNT);
	check_fact(&row);
	check_times(&row);
	pc_identity_assume(&caller, pc_guard_table_owner(row.trigger));
	check_sides(TextDatumGetCString(row.values[COL_TENANT]), DatumGetUUIDP(row.values[COL_DEBIT]),
				DatumGetUUIDP(row.values[COL_CREDIT]), DatumGetPcMoney(row.values[COL_AMOUNT]));
	pc_identity_drop(&caller);
	/* Our own statements have given it all. */
	return PointerGetDatum(pc_writer_for_trigger().through_api ? row.trigger->tg_trigtuple : complete(&row));
}
