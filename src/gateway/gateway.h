/*
 * gateway.h
 *		What paycore asks of a payment gateway, and what it hears back, in
 *		terms that belong to no gateway.
 *
 * A gateway module knows its own API and no SQL.  It renders a request for an
 * operation, reads a response or an event into the neutral snapshots below,
 * verifies a webhook's signature and converts amounts.
 */
#ifndef PAYCORE_GATEWAY_H
#define PAYCORE_GATEWAY_H

#include "common/paycore.h"
#include "common/secrets.h"
#include "types/money.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

typedef enum GwOperation
{
	GW_CUSTOMER_CREATE,
	GW_CUSTOMER_UPDATE,
	GW_CUSTOMER_RETRIEVE,
	GW_CUSTOMER_LIST,			/* resolve: by created */
	GW_METHOD_ATTACH,
	GW_METHOD_DETACH,
	GW_METHOD_RETRIEVE,
	GW_INTENT_CREATE,
	GW_INTENT_UPDATE,
	GW_INTENT_CONFIRM,
	GW_INTENT_CAPTURE,
	GW_INTENT_CANCEL,
	GW_INTENT_RETRIEVE,
	GW_INTENT_LIST,				/* resolve: by customer and created */
	GW_CHARGE_RETRIEVE,
	GW_REFUND_CREATE,
	GW_REFUND_CANCEL,
	GW_REFUND_RETRIEVE,
	GW_REFUND_LIST,				/* resolve: by intent or charge */
	GW_ACCOUNT_RETRIEVE,		/* whose key is this, live or test */
	GW_PAYOUT_RETRIEVE,
	GW_BALANCE_LIST,			/* balance transactions: of a payout, or by created */
	GW_SETUP_CREATE,
	GW_SETUP_CONFIRM,
	GW_SETUP_CANCEL,
	GW_SETUP_RETRIEVE,
	GW_SETUP_LIST,				/* resolve: by customer and created */
	GW_MANDATE_RETRIEVE,
	GW_DISPUTE_UPDATE,			/* stages evidence, sends none of it on */
	GW_DISPUTE_SUBMIT,
	GW_DISPUTE_CLOSE,			/* accepts the loss */
	GW_DISPUTE_RETRIEVE,
	GW_DISPUTE_LIST,			/* of a charge, or by created */
	GW_WARNING_RETRIEVE,
	GW_REVIEW_RETRIEVE,
	GW_EVENT_LIST,				/* by created; items are read by read_event */
	GW_CHARGE_LIST,				/* by created, as the next two */
	GW_PAYOUT_LIST,
	GW_METHOD_LIST,				/* of a customer */
	GW_WEBHOOK_DELIVER,			/* push only: a change, to an endpoint */
	GW_NOPERATIONS
} GwOperation;

/* "intent.create" and back; -1 where unknown. */
extern const char *gw_operation_name(GwOperation op);
extern int	gw_operation_by_name(const char *name);
extern bool gw_operation_is_read(GwOperation op);	/* GET: no effect, no key */
extern bool gw_operation_is_list(GwOperation op);	/* its answer is a page, and may have a next one */

/* No amount known. Currency number 0 is assigned to nobody. */
#define GW_NO_MONEY ((PcMoney) 0)

/*
 * One call.  params are the semantic arguments stored at enqueue, amounts in
 * ISO minor units:
 *	customer.create/update	name email phone address{line1 line2 city state postal_code country}
 *							locale tax_exempt metadata
 *	method.attach/detach	(none)
 *	intent.create			amount currency confirm capture_method confirmation_method
 *							off_session setup_future_usage payment_method
 *							payment_method_types[] description
 *							statement_descriptor_suffix return_url metadata gateway_params{...}
 *	intent.update			amount currency metadata description
 *	intent.confirm			payment_method return_url off_session gateway_params{...}
 *	intent.capture			amount currency
 *	intent.cancel			reason
 *	refund.create			amount currency reason metadata
 *	setup.create			confirm usage payment_method payment_method_types[] description
 *							return_url metadata gateway_params{...}
 *	setup.confirm			payment_method return_url gateway_params{...}
 *	setup.cancel			reason
 *	mandate.retrieve		psp_id
 *	dispute.update/submit	evidence{...} metadata submissions (so many before: not sent)
 *	*.list					created_gte (unix seconds), starting_after
 *	intent.retrieve, setup.retrieve	outcome ("succeed" or "fail": mock only, what the payer did about
 *							the action)
 *	webhook.deliver			id seq object_type object_id from_status to_status reason created
 *							(unix seconds)
 * The ids are those known at the first claim; NULL where not (yet) known.
 */
typedef struct GwCall
{
	GwOperation op;
	const Jsonb *params;
	const char *tenant;
	const char *account_id;		/* paycore's own ids, as text, for metadata */
	const char *intent_id;		/* of the payment intent or setup intent */
	const char *refund_id;
	const char *database;		/* pc_database_mark(), for paycore_db */
	const char *psp_customer_id;
	const char *psp_method_id;
	const char *psp_intent_id;	/* of the same */
	const char *psp_charge_id;
	const char *psp_refund_id;
	const char *psp_payout_id;
	const char *psp_mandate_id;
	const char *psp_dispute_id;
	const char *psp_object_id;	/* of a warning or a review */
	const char *idempotency_key;
	const char *object_status;	/* ours, as text: mock decides by it */
	PcMoney		amount;			/* of the intent or refund, for mock's answers */
	PcMoney		authorized;		/* for a capture */
	PcMoney		captured;		/* of the intent or charge so far, for mock's answers */
	const char *capture_method; /* the intent's, for mock's answers */
	const Jsonb *details;		/* of a dispute: reason, kind, evidence, submissions, due_by (unix seconds);
								 * of a change: the object's row */
} GwCall;

typedef struct GwRequest
{
	const char *method;			/* GET, POST, DELETE */
	char	   *path;			/* from the slash on, with the query */
	char	   *body;			/* form-encoded (push: JSON in ASCII), "" for none */
	const char *api_version;
	const char *endpoint;		/* verb and path template, the rate-limit bucket */
} GwRequest;

typedef struct GwResponse
{
	int			status;			/* HTTP */
	const char *body;
	size_t		body_len;
	const char *content_type;
	const char *request_id;
	const char *rate_limited_reason;
	bool		replayed;		/* Idempotent-Replayed */
	int			should_retry;	/* Stripe-Should-Retry: -1 absent, 0 false, 1 true */
	int64		date;			/* Date header, unix seconds; 0 absent */
	int64		retry_after_ms; /* -1 absent */
} GwResponse;

typedef enum GwVerdict
{
	GW_OK,						/* 2xx with an object we can read */
	GW_DECLINED,				/* 402: an answer, not a fault; the object may come along */
	GW_REFUSED,					/* definite 4xx: it did not happen and will not */
	GW_UNEXPECTED_STATE,		/* definite 4xx: the object is elsewhere; look, then decide */
	GW_BUSY,					/* 409 key in use, 429: same key, not counted */
	GW_UNAUTHORIZED,			/* 401, 403: pause the gateway account, not counted */
	GW_KEY_REUSED,				/* 400 idempotency_error: a fault of ours, never retried */
	GW_RETRY,					/* 5xx: same key, counted */
	GW_UNKNOWN					/* replayed 5xx, Should-Retry false, unreadable 2xx: by policy */
} GwVerdict;

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
	bool		has_more;		/* list */
	int			nitems;
	struct GwObject *items;
} GwObject;

typedef struct GwAnswer
{
	GwVerdict	verdict;
	GwError		error;
	GwObject	object;			/* kind NONE where none came */
} GwAnswer;

typedef struct GwEvent
{
	char	   *id;
	char	   *type;
	char	   *api_version;
	char	   *account;		/* connected account, or NULL */
	bool		livemode;
	int64		created;
	char	   *request_key;	/* the Idempotency-Key that caused it, or NULL */
	char	   *object_type;	/* the gateway's word */
	char	   *object_id;
	bool		same_version;	/* rendered in the version we pin: else only a hint */
	bool		is_creation;	/* *.created: never changes a known row */
	Jsonb	   *previous;		/* previous_attributes or NULL */
	GwObject	object;
} GwEvent;

typedef struct Gateway
{
	const char *name;
	bool		networked;		/* requests go out over HTTP */
	const char *default_base_url;
	const char *api_version;

	/* False and *why (static or palloc'd) where the gateway cannot do it. */
	bool		(*render) (const GwCall *call, GwRequest *request, const char **why);

	/* Never raises on what the gateway sent; palloc's in the current context. */
	void		(*read_response) (const GwCall *call, const GwResponse *response, GwAnswer *answer);

	/* Without network: makes the response the gateway would have sent. */
	void		(*answer) (const GwCall *call, GwResponse *response);

	/*
	 * True if one of the secrets signed payload at most tolerance seconds
	 * before now (unix).  *why says what was wrong, never with the payload.
	 */
	bool		(*verify_webhook) (const char *payload, size_t len, const char *signature,
								   const PcSecrets *secrets, int64 now, int tolerance,
								   const char **why);

	/* False and *why where it is no event at all. */
	bool		(*read_event) (const Jsonb *payload, GwEvent *event, const char **why);

	/*
	 * Between ISO minor units and the gateway's; false where it cannot be
	 * represented.  NULL where it takes no money at all.
	 */
	bool		(*amount_out) (PcMoney money, int64 *amount);
	bool		(*amount_in) (int64 amount, const char *currency, PcMoney *money);

	/* Which mode an API key is of: 1 live, 0 test, -1 unknown. */
	int			(*key_livemode) (const char *api_key);
} Gateway;

/* NULL where unknown. */
extern const Gateway *gw_by_name(const char *name);

extern const Gateway gw_stripe;
extern const Gateway gw_mock;
extern const Gateway gw_manual;
extern const Gateway gw_push;

/* push.c: the header "t=...,v1=..." of what is sent at that time (unix), one v1 for each secret. */
extern char *gw_sign(const char *payload, const PcSecrets *secrets, int64 time);

/* signature.c */
#define GW_SIGNATURE_HEX_LEN 64

/* HMAC-SHA256 of "time.payload", in hex without an end; zeros, which equal no hex text, where OpenSSL fails. */
extern void gw_signature(const char *secret, int64 time, const char *payload, size_t len, char *hex);

#endif							/* PAYCORE_GATEWAY_H */
