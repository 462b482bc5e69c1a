/*
 * transfers.c
 *		post_entry() and post_transfer(): the user's own transfers, by the same entries as
 *		paycore's.
 *
 * A transfer of many legs becomes entries of two accounts each: what one leg
 * gives is dealt out to those that take, until all is dealt out.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "api/api.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "ledger/ledger.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#define MAX_LEGS 1000
#define COLUMNS 14

static PcInsert insert_entry = PC_INSERT_ROW(PC_LEDGER_ENTRIES, "utuuumtjzz8tu4",
	"id, tenant_id, transfer_id, debit_account_id, credit_account_id, amount, description, metadata,"
	" occurred_at, recorded_at, txn, fact, object_id, nth");

static PcPlan entries_plan = PC_PLAN_ROW("ut",
	"SELECT %s FROM paycore.ledger_entries WHERE object_id = $1 AND fact = 'transfer' AND tenant_id = $2 ORDER BY nth", PC_LEDGER_ENTRIES);

/* What all entries of a transfer have in common. */
typedef struct Transfer
{
	pg_uuid_t	id;
	Datum		tenant;
	Datum		description;
	Datum		metadata;
	char		nulls[COLUMNS + 1];
	TimestampTz occurred_at;
	int			legs;			/* written so far, of a transfer of many; they are found again by their number */
} Transfer;

typedef struct Leg
{
	pg_uuid_t	account;
	PcMoney		amount;			/* above zero: debit */
} Leg;

static void
read_transfer(FunctionCallInfo fcinfo, int first, Transfer *transfer)
{
	memset(transfer->nulls, ' ', COLUMNS);
	memset(transfer->nulls + COLUMNS - 3, 'n', 3);
	transfer->nulls[COLUMNS] = '\0';
	transfer->legs = 0;
	transfer->description = PG_GETARG_DATUM(first);
	transfer->occurred_at = PG_ARGISNULL(first + 1) ? GetCurrentTransactionStartTimestamp() : PG_GETARG_TIMESTAMPTZ(first + 1);
	transfer->metadata = PG_GETARG_DATUM(first + 2);
	if (PG_ARGISNULL(first))
		transfer->nulls[6] = 'n';
	if (PG_ARGISNULL(first + 2))
		transfer->nulls[7] = 'n';
	if (TIMESTAMP_NOT_FINITE(transfer->occurred_at))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a transfer happened at some time"),
				 errhint("Leave occurred_at out for now.")));
	pc_check_object(pc_getarg_json(fcinfo, first + 2), "metadata");
}

/* The row as it was written; the guard has looked at its accounts. */
static Datum
write_entry(const Transfer *transfer, const pg_uuid_t *id, const pg_uuid_t *debit, const pg_uuid_t *credit, PcMoney amount)
{
	Datum		values[COLUMNS] = {
		UUIDPGetDatum(id), transfer->tenant, UUIDPGetDatum(&transfer->id), UUIDPGetDatum(debit), UUIDPGetDatum(credit),
		PcMoneyGetDatum(amount), transfer->description, transfer->metadata, TimestampTzGetDatum(transfer->occurred_at),
		TimestampTzGetDatum(GetCurrentTimestamp()), Int64GetDatum(pc_ledger_txn()),
		CStringGetTextDatum("transfer"), UUIDPGetDatum(&transfer->id), Int32GetDatum(transfer->legs)
	};

	return pc_api_insert(&insert_entry, values, transfer->nulls, NULL);
}

/* (debit_account_id, credit_account_id, amount, description, occurred_at, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_post_entry);
PGDLLEXPORT Datum
paycore_post_entry(PG_FUNCTION_ARGS)
{
	pg_uuid_t	debit = pc_getarg_uuid(fcinfo, 0, "debit_account_id");
	pg_uuid_t	credit = pc_getarg_uuid(fcinfo, 1, "credit_account_id");
	PcMoney		amount = pc_getarg_money(fcinfo, 2, "amount");
	Transfer	transfer;
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	read_transfer(fcinfo, 3, &transfer);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, 6, "post_entry", "ledger_entry");
	transfer.id = once.id;
	transfer.tenant = CStringGetTextDatum(call.tenant);
	row = once.done ? pc_api_read(PC_LEDGER_ENTRIES, &call, &once.id)
		: write_entry(&transfer, &once.id, &debit, &credit, amount);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
read_leg(HeapTupleHeader tuple, Leg *leg)
{
	bool		no_account,
				no_amount;
	Datum		account = GetAttributeByNum(tuple, 1, &no_account);
	Datum		amount = GetAttributeByNum(tuple, 2, &no_amount);

	if (no_account || no_amount)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a leg of a transfer has an account and an amount")));
	leg->account = *DatumGetUUIDP(account);
	leg->amount = DatumGetPcMoney(amount);
}

/* Legs of the same account and currency are one. */
static void
add_leg(Leg *legs, int *n, const Leg *leg)
{
	for (int i = 0; i < *n; i++)
	{
		if (memcmp(&legs[i].account, &leg->account, sizeof(pg_uuid_t)) == 0 && pc_money_same_currency(legs[i].amount, leg->amount))
		{
			legs[i].amount = pc_money_add(legs[i].amount, leg->amount);
			return;
		}
	}
	legs[(*n)++] = *leg;
}

static int
read_legs(ArrayType *array, Leg **legs)
{
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Datum	   *elements;
	bool	   *nulls;
	int			given;
	int			n = 0;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign, &elements, &nulls, &given);
	if (given > MAX_LEGS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a transfer has at most %d legs", MAX_LEGS)));
	*legs = palloc(sizeof(Leg) * Max(given, 1));
	for (int i = 0; i < given; i++)
	{
		Leg			leg;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("a leg of a transfer is null")));
		read_leg(DatumGetHeapTupleHeader(elements[i]), &leg);
		add_leg(*legs, &n, &leg);
	}
	return n;
}

static void
check_balanced(const Leg *legs, int n)
{
	char		text[PC_MONEY_TEXT_LEN];
	bool		moves = false;

	for (int i = 0; i < n; i++)
	{
		PcMoney		sum = pc_money_pack(pc_money_currency(legs[i].amount), 0);

		moves |= pc_money_amount(legs[i].amount) != 0;
		for (int j = 0; j < n; j++)
		{
			if (pc_money_same_currency(legs[j].amount, sum))
				sum = pc_money_add(sum, legs[j].amount);
		}
		if (pc_money_amount(sum) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_PC_UNBALANCED),
					 errmsg("the transfer does not balance"),
					 errdetail("Its legs in %s sum to %s.", pc_currency_by_number(pc_money_currency(sum))->code,
							   pc_money_to_text(sum, text)),
					 errhint("Debits are above zero, credits below; each currency sums to zero.")));
	}
	if (!moves)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNBALANCED),
				 errmsg("the transfer moves nothing")));
}

/* The next leg from i on that is a debit (or credit) in the currency; n where there is none. */
static int
next_leg(const Leg *legs, int n, int sign, PcMoney like)
{
	for (int i = 0; i < n; i++)
	{
		int64		amount = pc_money_amount(legs[i].amount);

		if ((sign > 0 ? amount > 0 : amount < 0) && pc_money_same_currency(legs[i].amount, like))
			return i;
	}
	return n;
}

static void
write_legs(Transfer *transfer, Leg *legs, int n, ReturnSetInfo *set)
{
	pg_uuid_t	id = transfer->id;

	memset(transfer->nulls + COLUMNS - 3, ' ', 3);
	for (int debit = 0; debit < n; debit++)
	{
		while (pc_money_amount(legs[debit].amount) > 0)
		{
			int			credit = next_leg(legs, n, -1, legs[debit].amount);
			int64		part = Min(pc_money_amount(legs[debit].amount), -pc_money_amount(legs[credit].amount));
			PcMoney		amount = pc_money_pack(pc_money_currency(legs[debit].amount), part);
			HeapTupleData tuple = {0};

			transfer->legs++;
			tuple.t_data = DatumGetHeapTupleHeader(
				write_entry(transfer, &id, &legs[debit].account, &legs[credit].account, amount));
			tuple.t_len = HeapTupleHeaderGetDatumLength(tuple.t_data);
			tuplestore_puttuple(set->setResult, &tuple);
			legs[debit].amount = pc_money_subtract(legs[debit].amount, amount);
			legs[credit].amount = pc_money_add(legs[credit].amount, amount);
			pc_uuid_v7(&id);
		}
	}
}

static void
give_again(const PcApiCall *call, const pg_uuid_t *id, ReturnSetInfo *set)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	uint64		found = pc_execute(&entries_plan, values, NULL, true, 0);

	for (uint64 i = 0; i < found; i++)
		tuplestore_puttuple(set->setResult, SPI_tuptable->vals[i]);
}

/* (legs, description, occurred_at, metadata, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_post_transfer);
PGDLLEXPORT Datum
paycore_post_transfer(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Transfer	transfer;
	PcApiCall	call;
	PcOnce		once;
	Leg		   *legs;
	int			n;

	if (PG_ARGISNULL(0))
		(void) pc_getarg_given_text(fcinfo, 0, "legs");
	n = read_legs(PG_GETARG_ARRAYTYPE_P(0), &legs);
	check_balanced(legs, n);
	read_transfer(fcinfo, 1, &transfer);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, 4, "post_transfer", "ledger_entry");
	transfer.id = once.id;
	transfer.tenant = CStringGetTextDatum(call.tenant);
	if (once.done)
		give_again(&call, &once.id, set);
	else
		write_legs(&transfer, legs, n, set);
	pc_api_end(&call);
	return (Datum) 0;
}
