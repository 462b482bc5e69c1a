/*
 * internal.h
 *		What the ledger's files share: the table of rules and the chart.
 */
#ifndef PAYCORE_LEDGER_INTERNAL_H
#define PAYCORE_LEDGER_INTERNAL_H

#include "commands/trigger.h"
#include "ledger/ledger.h"

/* The accounts that paycore posts to, per tenant and currency. */
typedef enum PcChartAccount
{
	PC_CHART_FUNDS,				/* gateway_balance or cash, one per gateway account */
	PC_CHART_BANK,
	PC_CHART_EXCHANGE,
	PC_CHART_RECEIVABLES,
	PC_CHART_CUSTOMER_BALANCES,
	PC_CHART_OUT_OF_BAND,
	PC_CHART_TAX_PAYABLE,
	PC_CHART_SALES,
	PC_CHART_REVENUE,
	PC_CHART_REFUNDS,
	PC_CHART_DISPUTES,
	PC_CHART_FEES,
	PC_CHART_DISPUTE_FEES,
	PC_CHART_GATEWAY_ADJUSTMENTS,
	PC_CHART_BALANCE_ADJUSTMENTS,
	PC_CHART_BAD_DEBTS,
	PC_NCHART
} PcChartAccount;

typedef struct PcChartRow
{
	const char *code;			/* of FUNDS: what stands before ":" and the gateway account's name */
	const char *name;
	const char *kind;
	const char *normal_side;
} PcChartRow;

typedef struct PcRule
{
	const char *name;			/* ledger_entries.fact */
	const char *object;			/* what object_id names */
	PcChartAccount debit;
	PcChartAccount credit;
	int			undoes;			/* PcFact, or -1 */
	const char *amount;			/* for docs/ledger.md */
	const char *when;
} PcRule;

extern const PcRule pc_rules[PC_NFACTS];
extern const PcChartRow pc_chart[PC_NCHART];
extern const PcChartRow pc_chart_cash;

/* The row of the chart that stands for an account of a rule. */
static inline const PcChartRow *
pc_chart_row(PcChartAccount account, bool manual)
{
	return account == PC_CHART_FUNDS && manual ? &pc_chart_cash : &pc_chart[account];
}

/* Id of an account of the chart, opened with all others of its tenant and currency where missing. */
extern pg_uuid_t pc_chart_account(const PcFactOf *of, PcChartAccount account, PcCurrency currency);

/*
 * Posts what an invoice, what was applied to one, or a credit note says, where
 * the trigger's argument says that it is for these; else false.
 */
extern bool pc_ledger_post_documents(TriggerData *trigger);

/* What a guard and the API must know of an account; false where the tenant has none of that id.  SPI need not be connected. */
extern bool pc_ledger_account(const char *tenant, const pg_uuid_t *id, PcCurrency *currency);

#endif							/* PAYCORE_LEDGER_INTERNAL_H */
