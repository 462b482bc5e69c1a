/*
 * gateway.h
 *		What paycore asks of a payment gateway, and what it hears back, in
 *		terms that belong to no gateway.
 *
 * A gateway module knows its own API and no SQL.  It renders a request for an
 * operation, reads a response or an event into the neutral snapshots of objects.h,
 * verifies a webhook's signature and converts amounts.
 */
#ifndef PAYCORE_GATEWAY_H
#define PAYCORE_GATEWAY_H

#include "common/paycore.h"
#include "common/secrets.h"
#include "gateway/objects.h"

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
 *	*.list					created_gte created_lt (unix seconds), starting_after
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
