/*
 * objects.h
 *		Snapshots of a gateway's objects, in terms that belong to no gateway.
 *
 * Texts and documents are palloc'd, NULL where the object does not say; times
 * are unix seconds, 0 where it does not.
 */
#ifndef PAYCORE_GATEWAY_OBJECTS_H
#define PAYCORE_GATEWAY_OBJECTS_H

#include "common/paycore.h"
#include "types/money.h"
#include "utils/jsonb.h"

/* No amount known. Currency number 0 is assigned to nobody. */
#define GW_NO_MONEY ((PcMoney) 0)

typedef struct GwError
{
	char	   *type;
	char	   *code;
	char	   *decline_code;
	char	   *advice_code;
	char	   *network_advice_code;
	char	   *network_decline_code;
	char	   *message;
	char	   *charge_id;
	char	   *method_id;
} GwError;

typedef struct GwBalance
{
	char	   *id;
	char	   *type;
	char	   *status;			/* pending available */
	char	   *source_id;		/* of the charge, refund, dispute, payout ... that moved the balance */
	char	   *description;
	PcMoney		amount;			/* settlement currency */
	PcMoney		fee;
	PcMoney		net;
	char	   *exchange_rate;	/* decimal text or NULL */
	char	   *reporting_category;
	Jsonb	   *fee_details;
	int64		available_on;	/* unix seconds */
	int64		created;
} GwBalance;

typedef struct GwCharge
{
	char	   *id;
	char	   *status;			/* pending succeeded failed */
	bool		captured;
	bool		refunded;
	bool		disputed;
	PcMoney		amount;
	PcMoney		amount_captured;
	PcMoney		application_fee;
	char	   *intent_id;
	char	   *customer_id;
	char	   *method_id;
	char	   *balance_transaction_id;
	GwBalance  *balance;		/* where it was expanded */
	char	   *failure_balance_transaction;
	GwError		failure;		/* code, message, outcome's advice */
	char	   *method_type;
	Jsonb	   *method_details;
	char	   *description;
	char	   *receipt_email;
	char	   *receipt_number;
	char	   *receipt_url;
	int64		capture_before;
	Jsonb	   *metadata;
	int64		created;
	bool		livemode;
} GwCharge;

typedef struct GwIntent
{
	char	   *id;
	char	   *status;			/* names of intent_status */
	PcMoney		amount;
	PcMoney		amount_capturable;
	PcMoney		amount_received;
	char	   *customer_id;
	char	   *method_id;
	char	   *latest_charge_id;
	GwCharge   *latest_charge;	/* where it was expanded */
	char	   *client_secret;
	Jsonb	   *next_action;
	GwError		last_error;
	char	   *cancellation_reason;
	char	   *capture_method;
	char	   *confirmation_method;
	char	   *setup_future_usage;
	char	   *description;
	Jsonb	   *metadata;
	int64		created;
	int64		canceled_at;
	bool		livemode;
} GwIntent;

typedef struct GwRefund
{
	char	   *id;
	char	   *status;			/* names of refund_status */
	PcMoney		amount;
	char	   *charge_id;
	char	   *intent_id;
	char	   *reason;
	char	   *failure_reason;
	char	   *pending_reason;
	char	   *balance_transaction_id;
	GwBalance  *balance;
	char	   *failure_balance_transaction;
	char	   *receipt_number;
	Jsonb	   *next_action;
	Jsonb	   *destination_details;
	Jsonb	   *metadata;
	bool		auth_release;	/* the gateway let go of an authorisation: gives nothing back */
	int64		created;
} GwRefund;

typedef struct GwDispute
{
	char	   *id;
	char	   *status;			/* names of dispute_status */
	PcMoney		amount;
	char	   *charge_id;
	char	   *intent_id;
	char	   *kind;			/* chargeback, inquiry, ...; NULL where the gateway does not say */
	char	   *reason;
	char	   *network_reason_code;
	bool		is_charge_refundable;
	Jsonb	   *evidence;		/* only what there is */
	int64		due_by;			/* 0 = no answer is possible */
	bool		has_evidence;
	bool		past_due;
	int			submission_count;
	Jsonb	   *enhanced_eligibility;
	int			nbalances;
	GwBalance **balances;		/* withdrawals and reinstatements, in the settlement currency */
	Jsonb	   *metadata;
	int64		created;
	bool		livemode;
} GwDispute;

typedef struct GwWarning
{
	char	   *id;
	char	   *charge_id;
	char	   *intent_id;
	char	   *fraud_type;
	bool		actionable;
	int64		created;
	bool		livemode;
} GwWarning;

typedef struct GwReview
{
	char	   *id;
	char	   *charge_id;		/* either may be missing */
	char	   *intent_id;
	bool		open;
	char	   *reason;
	char	   *opened_reason;
	char	   *closed_reason;
	int64		created;
	bool		livemode;
} GwReview;

typedef struct GwCustomer
{
	char	   *id;
	bool		deleted;
	char	   *name;
	char	   *email;
	char	   *phone;
	Jsonb	   *address;
	char	   *default_method_id;
	Jsonb	   *metadata;
	int64		created;
	bool		livemode;
} GwCustomer;

typedef struct GwMethod
{
	char	   *id;
	char	   *customer_id;	/* NULL once detached */
	char	   *type;
	char	   *brand;
	char	   *last4;
	int			exp_month;		/* 0 = none */
	int			exp_year;
	char	   *fingerprint;
	char	   *funding;
	char	   *country;
	char	   *wallet;
	Jsonb	   *billing_details;
	Jsonb	   *details;		/* the type's own, without what must not be stored */
	Jsonb	   *metadata;
	int64		created;
	bool		livemode;
} GwMethod;

typedef struct GwPayout
{
	char	   *id;
	char	   *status;			/* names of payout_status */
	PcMoney		amount;			/* below zero: from the bank to the balance */
	bool		automatic;
	char	   *type;
	char	   *method;
	char	   *description;
	char	   *statement_descriptor;
	char	   *reconciliation_status;
	char	   *balance_transaction_id;
	char	   *failure_balance_transaction;
	char	   *failure_code;
	char	   *failure_message;
	char	   *original_payout;
	char	   *reversed_by;
	char	   *trace_id;
	Jsonb	   *metadata;
	int64		arrival_date;
	int64		created;
	bool		livemode;
} GwPayout;

typedef struct GwMandate
{
	char	   *id;
	char	   *status;			/* names of mandate_status */
	char	   *type;			/* multi_use single_use */
	char	   *method_id;
	char	   *method_type;
	char	   *acceptance;		/* online offline */
	int64		accepted_at;
	bool		livemode;
} GwMandate;

typedef struct GwSetup
{
	char	   *id;
	char	   *status;			/* names of setup_intent_status */
	char	   *usage;
	char	   *customer_id;
	char	   *method_id;
	GwMethod   *method;			/* where it was expanded */
	char	   *mandate_id;
	GwMandate  *mandate;		/* where it was expanded */
	char	   *client_secret;
	Jsonb	   *next_action;
	GwError		last_error;
	char	   *cancellation_reason;
	char	   *description;
	Jsonb	   *metadata;
	int64		created;
	bool		livemode;
} GwSetup;

typedef enum GwKind
{
	GW_KIND_NONE,				/* an object we keep no rows of */
	GW_KIND_INTENT,
	GW_KIND_CHARGE,
	GW_KIND_REFUND,
	GW_KIND_CUSTOMER,
	GW_KIND_METHOD,
	GW_KIND_ACCOUNT,
	GW_KIND_LIST,
	GW_KIND_PAYOUT,
	GW_KIND_BALANCE,
	GW_KIND_SETUP,
	GW_KIND_MANDATE,
	GW_KIND_DISPUTE,
	GW_KIND_WARNING,
	GW_KIND_REVIEW
} GwKind;

/*
 * An object has a kind only where its essentials could be read: an id; for
 * intents, charges, refunds, payouts and disputes a known status and an amount
 * too; for methods a type; for warnings and reviews what they are of; for
 * balance transactions amount, fee and net that agree.  Else kind is NONE, and
 * an answer's verdict UNKNOWN.
 */
typedef struct GwObject
{
	GwKind		kind;
	char	   *id;				/* also of kind NONE, where it has one */
	union
	{
		GwIntent   *intent;
		GwCharge   *charge;
		GwRefund   *refund;
		GwCustomer *customer;
		GwMethod   *method;
		GwPayout   *payout;
		GwBalance  *balance;
		GwSetup    *setup;
		GwMandate  *mandate;
		GwDispute  *dispute;
		GwWarning  *warning;
		GwReview   *review;
	}			u;
	bool		livemode;		/* not of accounts: see key_livemode() */
	int64		created;		/* also of kind NONE */
	bool		has_more;		/* list */
	int			nitems;
	struct GwObject *items;
} GwObject;

#endif							/* PAYCORE_GATEWAY_OBJECTS_H */
