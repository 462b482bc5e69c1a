/*
 * balance.c
 *		paycore.move_account_balance(): each account transaction moves the
 *		balance of its account and currency, and nothing else does
 *		(paycore.kept_by_guards()).
 *
 * One upsert moves it, so that concurrent transactions queue at its row and
 * the sum is exact at every isolation level.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "types/currency.h"
#include "types/money_args.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_kept_by_guards);
PG_FUNCTION_INFO_V1(paycore_move_account_balance);

static PcPlan move_plan = PC_PLAN("utcm",
	"INSERT INTO paycore.account_balances AS b (billing_account_id, tenant_id, currency, balance) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (billing_account_id, currency, tenant_id) DO UPDATE"
	" SET balance = b.balance OPERATOR(paycore.+) excluded.balance, updated_at = pg_catalog.now()"
	" RETURNING balance");

/* BEFORE INSERT OR UPDATE OR DELETE, row: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_kept_by_guards(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "kept_by_guards", GUARD_BEFORE_ROW, 0);

	if (!pc_writer_for_trigger().counters)
		ereport(ERROR,
				(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
				 errmsg("rows of \"%s\" are kept by a guard", RelationGetRelationName(trigger->tg_relation)),
				 errdetail("They are sums of rows of another table."),
				 errhint("Insert there what corrects the sum."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple);
}

static PcMoney
move(TriggerData *trigger, PcMoney amount)
{
	HeapTuple	row = trigger->tg_trigtuple;
	PcIdentity	caller;
	PcMoney		balance;
	Datum		values[4] = {
		pc_guard_value(trigger, row, "billing_account_id", UUIDOID), pc_guard_value(trigger, row, "tenant_id", TEXTOID),
		PcCurrencyGetDatum(pc_money_currency(amount)), PcMoneyGetDatum(amount)
	};

	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		if (pc_execute(&move_plan, values, NULL, false, 0) == 0)
			pc_row_vetoed(PC_ACCOUNT_BALANCES);
	}
	PC_WRITE_END;
	balance = pc_get_money(0, 1);
	pc_guard_leave(&caller);
	return balance;
}

/* AFTER INSERT, row, on account_transactions: SQLSTATE PY021, or 23514 for a wrong balance_after. */
PGDLLEXPORT Datum
paycore_move_account_balance(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "move_account_balance", GUARD_AFTER_ROW, 0);
	Oid			money = pc_type_oid(PC_TYPE_MONEY);
	bool		unknown;
	PcMoney		amount = DatumGetPcMoney(pc_guard_value(trigger, trigger->tg_trigtuple, "amount", money));
	Datum		after = pc_guard_get(trigger, trigger->tg_trigtuple, pc_guard_column(trigger, "balance_after", money), &unknown);
	PcMoney		balance;
	char		text[2][PC_MONEY_TEXT_LEN];

	pc_guard_check_owner(trigger, PC_ACCOUNT_BALANCES, "hold transactions of paycore.account_balances");
	if (pc_money_amount(amount) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_AMOUNT_NOT_POSITIVE),
				 errmsg("an account transaction changes the balance"),
				 errdetail("Its amount is %s.", pc_money_to_text(amount, text[0])),
				 errtable(trigger->tg_relation)));
	balance = move(trigger, amount);
	if (!unknown && DatumGetPcMoney(after) != balance)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("balance_after is not the balance after this transaction"),
				 errdetail("It says %s; the balance is %s.", pc_money_to_text(DatumGetPcMoney(after), text[0]),
						   pc_money_to_text(balance, text[1])),
				 errhint("Leave it NULL, or use paycore.credit_account() and paycore.debit_account()."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(NULL);
}
