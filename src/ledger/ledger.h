/*
 * ledger.h
 *		The ledger: every money fact is posted once, by one table of rules.
 *
 * An entry is an amount that one account is debited and another credited, so
 * that nothing can be written that does not balance; entries of one transfer
 * share transfer_id.
 */
#ifndef PAYCORE_LEDGER_H
#define PAYCORE_LEDGER_H

#include "common/paycore.h"
#include "common/insert.h"
#include "types/money.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* What can be posted; rules.c says to which accounts. */
typedef enum PcFact
{
	PC_FACT_CHARGE,				/* a gateway's charge brought in money */
	PC_FACT_MANUAL_PAYMENT,		/* money that came in without a gateway */
	PC_FACT_CHARGE_FAILURE,		/* a charge that had succeeded bounced */
	PC_FACT_FEE,				/* what the gateway kept of a charge */
	PC_FACT_EXCHANGE_OUT,		/* settled in another currency: the charge's amount leaves ... */
	PC_FACT_EXCHANGE_IN,		/* ... and the settled one comes */
	PC_FACT_REFUND,
	PC_FACT_REFUND_FAILURE,		/* a refund that had succeeded came back */
	PC_FACT_DISPUTE,			/* funds withdrawn */
	PC_FACT_REINSTATEMENT,		/* and given back */
	PC_FACT_DISPUTE_FEE,
	PC_FACT_DISPUTE_FEE_RETURN,
	PC_FACT_PAYOUT,
	PC_FACT_PAYOUT_FAILURE,		/* a payout that was paid came back */
	PC_FACT_GATEWAY_FEE,		/* a fee of its own, of no charge or dispute */
	PC_FACT_GATEWAY_ADJUSTMENT, /* whatever else the gateway booked; above zero in our favour */
	PC_FACT_BALANCE_CREDIT,		/* an account's balance rose */
	PC_FACT_BALANCE_DEBIT,
	PC_FACT_INVOICE,			/* an invoice asks for money: what it is for ... */
	PC_FACT_INVOICE_TAX,		/* ... and the taxes on that */
	PC_FACT_WRITE_OFF,			/* what is due of it is given up */
	PC_FACT_INVOICE_PAYMENT,	/* a payment was for an invoice */
	PC_FACT_OVERPAYMENT,		/* and more than was due */
	PC_FACT_BALANCE_APPLIED,	/* an account's balance was for an invoice */
	PC_FACT_CREDIT_NOTE,		/* a part of an invoice is taken back ... */
	PC_FACT_CREDIT_NOTE_TAX,	/* ... with its taxes */
	PC_FACT_CREDIT_TO_BALANCE,	/* what of that was paid is the account's */
	PC_FACT_CREDIT_TO_REFUND,	/* ... or refunded */
	PC_FACT_CREDIT_OUT_OF_BAND, /* ... or was given back without paycore */
	PC_NFACTS
} PcFact;

/* Whose fact it is. */
typedef struct PcFactOf
{
	const char *tenant;
	pg_uuid_t	object_id;		/* of the payment, refund, dispute, payout, ... */
	const char *gateway_account;	/* NULL where the fact touches no gateway */
	bool		manual;			/* that account is no gateway's: the money is cash */
	bool		has_account;
	pg_uuid_t	billing_account_id;
	Oid			owner;			/* in whose name it is written; InvalidOid = as it is */
} PcFactOf;

typedef struct PcPosting
{
	PcFact		fact;
	PcMoney		amount;			/* below zero: the sides change places; zero: nothing to post */
	TimestampTz occurred_at;
	int			nth;			/* 1 where the fact can happen to its object once; 0 = the next */
	bool		stands;			/* instead of nth: amount (with a currency) is what is to stand, less what does */
} PcPosting;

#define PC_MAX_POSTINGS 8

/*
 * Posts facts of one object as one transfer, in the caller's transaction; a
 * fact that is there already under the same nth raises 23505.  One that undoes
 * another is left out unless that other stands.  Nothing happens where the
 * setting paycore.ledger is off.
 */
extern void pc_ledger_post(const PcFactOf *of, int n, const PcPosting *postings);

/*
 * The same for many objects, whose entries are written room (no less than an
 * object's facts need) at a time, by a caller who is the ledger's owner and has
 * looked whether there is one.
 */
typedef struct PcLedgerBatch PcLedgerBatch;

extern PcLedgerBatch *pc_ledger_begin(int room);
extern void pc_ledger_add(PcLedgerBatch *batch, const PcFactOf *of, int n, const PcPosting *postings);
extern void pc_ledger_end(PcLedgerBatch *batch);

/* Number of the running transaction, to order entries by: rises over restores, too.  Assigns a transaction id. */
extern int64 pc_ledger_txn(void);

/* All entries below it are committed or gone in every snapshot from the active one on. */
extern int64 pc_ledger_horizon(void);

/*
 * Adds up what busy accounts (least new entries or more) got up to now.  since:
 * only accounts with an entry of that time or later are looked at, and of those
 * with few entries a sample; 0 = all.  Returns the number of accounts; without
 * wait, 0 where another session is at it.
 */
extern int64 pc_ledger_roll_up(TimestampTz since, int64 least, bool wait);

/* The worker's turn of it; false. */
extern bool pc_ledger_upkeep(void);

#endif							/* PAYCORE_LEDGER_H */
