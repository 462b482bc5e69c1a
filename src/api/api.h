/*
 * api.h
 *		What the API functions share: a call's frame, its checks, the accounts
 *		and gateways it reads, and its way to the outbox.
 */
#ifndef PAYCORE_API_H
#define PAYCORE_API_H

#include "common/paycore.h"
#include "common/args.h"
#include "common/find.h"
#include "common/json.h"
#include "common/insert.h"
#include "common/writer.h"
#include "gateway/gateway.h"
#include "outbox/outbox.h"
#include "types/lifecycle.h"
#include "types/money.h"
#include "types/uuid.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

/*
 * A running API call: SPI connected, search_path pinned unless the caller owns
 * the tables and their search_path is private, superusers become the owner.
 */
typedef struct PcApiCall
{
	const char *tenant;
	PcIdentity	caller;
	int			guc_level;
} PcApiCall;

extern void pc_api_begin(PcApiCall *call);
extern void pc_api_end(PcApiCall *call);

/* Runs a statement that writes domain rows, as the caller, so that guards know it for ours. */
extern uint64 pc_api_write(PcPlan *plan, Datum *values, const char *nulls, const char *reason);

/* The same for a change of one row, whose external_ref (NULL: not changed) may be that of another: PY042. */
extern uint64 pc_api_write_reference(PcPlan *plan, Datum *values, const char *reason, const char *what, const char *reference);

extern uint64 pc_api_write_args(PcPlan *plan, PcArgs *a, const char *reason);

/*
 * The same for a statement that looks up few rows of large tables, whatever
 * their statistics say: a plan that reads one of them whole would be kept.
 */
extern uint64 pc_api_write_by_index(PcPlan *plan, Datum *values);

/* The same as pc_api_write() for one new row, which is returned. */
extern Datum pc_api_insert(PcInsert *insert, Datum *values, const char *nulls, const char *reason);

/* Runs a statement on the plumbing as its owner. */
extern uint64 pc_api_plumbing(PcPlan *plan, Datum *values, const char *nulls);

/*
 * The one row that the last statement has written, as the table's row type.
 * Where it wrote none: PY040, or, if the table has a row of this id, what kept
 * that from being written.
 */
extern Datum pc_api_row(PcTable table, const char *what, const pg_uuid_t *id);

/* lists.c: the rows of the last statement, for a materialised set. */
extern void pc_api_give(FunctionCallInfo fcinfo, uint64 found);

/*
 * Runs a statement that writes one row, by id, tenant and (where the plan takes
 * it) changes, NULL for none; the row, or PY040.
 */
extern Datum pc_api_change(const PcApiCall *call, PcPlan *plan, const char *what, const pg_uuid_t *id, const Jsonb *changes);

/* Runs a statement that finds, or locks, one row by id and tenant; PY040 where there is none. */
extern void pc_api_find(const PcApiCall *call, PcPlan *plan, const char *what, const pg_uuid_t *id);

/* The same by a find with the keys id and tenant_id. */
extern void pc_api_find_by_key(const PcApiCall *call, PcFind *find, const char *what, const pg_uuid_t *id);

/* Present row of an object. */
extern Datum pc_api_read(PcTable table, const PcApiCall *call, const pg_uuid_t *id);

pc_noreturn extern void pc_not_found(const char *what, const pg_uuid_t *id);
extern char *pc_uuid_text(const pg_uuid_t *id);
extern bool pc_uuid_parse(const char *text, pg_uuid_t *id);

/* arguments.c: values of arguments, NULL or the default where they are null. */
extern char *pc_getarg_text(FunctionCallInfo fcinfo, int n);
extern bool pc_getarg_bool(FunctionCallInfo fcinfo, int n, bool dflt);
extern Jsonb *pc_getarg_json(FunctionCallInfo fcinfo, int n);
extern pg_uuid_t pc_getarg_uuid(FunctionCallInfo fcinfo, int n, const char *name);	/* PY042 where null */
extern PcMoney pc_getarg_money(FunctionCallInfo fcinfo, int n, const char *name);	/* PY042 where null */
extern char *pc_getarg_given_text(FunctionCallInfo fcinfo, int n, const char *name);	/* PY042 where null */
extern void pc_check_given(FunctionCallInfo fcinfo, int n, const char *name);	/* PY042 where null */

extern Jsonb *pc_texts_as_json(Datum array);	/* text[] */

extern void pc_check_positive(PcMoney amount, const char *what);
extern void pc_check_same_currency(PcMoney amount, PcCurrency currency, const char *whose);
extern void pc_check_one_of(const char *value, const char *name, const char *const *allowed);
extern void pc_check_length(const char *value, const char *name, int max);
extern void pc_check_code(const char *code);	/* 1 to 100 characters, no white space at the ends */
extern void pc_check_country(const char *country);	/* two capitals, as in ISO 3166; NULL passes */
extern void pc_check_no_card_data(const char *value, const char *name);	/* PY044 */
extern void pc_check_object(const Jsonb *value, const char *name);

/* Raises PY042: another row has the value of an argument ("name", "code") that is unique; what: "product". */
pc_noreturn extern void pc_taken(const char *what, const char *argument, const char *value);

/* The same where it has, and was in the way of a new row; otherwise a trigger kept that out. */
pc_noreturn extern void pc_api_not_written(PcTable table, const char *what, const char *argument, const char *value);

/* receipt_document.c: PY042 where no language is called so; NULL passes. */
extern void pc_check_locale(const char *tag);

/* metadata.c: flat, at most 45 keys of 40 characters with values of 500; nulls (= remove) only in updates. */
extern void pc_check_metadata(const Jsonb *metadata, bool removal);

/* repair.c: PY071 for anybody but the owner of the tables; what: "repair counters". */
extern void pc_check_owner(const char *what);

/* gateway_params.c */
extern void pc_check_gateway_params(const Jsonb *params);
extern void pc_check_return_url(const char *url);

/* gateway_account.c */
typedef struct PcGatewayAccount
{
	char	   *name;
	char	   *gateway_name;
	const Gateway *gateway;
	bool		manual;			/* nothing is ever sent */
	bool		paused;			/* nothing is sent now, as far as this transaction knows */
} PcGatewayAccount;

/* The tenant's account of that name; PY060 where there is none. */
extern void pc_gateway_account(const PcApiCall *call, const char *name, PcGatewayAccount *account);
extern void pc_gateway_name_check(const PcApiCall *call, const char *name);	/* PY071 where it is another tenant's */
pc_noreturn extern void pc_gateway_name_taken(const char *name);	/* PY042: no row was written */
/* The name of a gateway account of the tenant that takes real money, or might; NULL where none does. */
extern char *pc_real_money_account(const PcApiCall *call);
extern void pc_check_gateway_amount(const PcGatewayAccount *account, PcMoney amount);
extern void pc_refuse_manual(const PcGatewayAccount *account, const char *what);

/* account_row.c */
typedef struct PcAccount
{
	pg_uuid_t	id;
	char	   *status;
	char	   *status_reason;
	PcCurrency	currency;
	char	   *gateway_account;
	bool		has_customer;
	bool		customer_deleted;
} PcAccount;

extern void pc_account_get(const PcApiCall *call, const pg_uuid_t *id, PcAccount *account);

/* The same, locked to the end of the transaction. */
extern void pc_account_lock(const PcApiCall *call, const pg_uuid_t *id, PcAccount *account);

extern void pc_account_check_active(const PcAccount *account);

/*
 * The outbox row that makes the account's customer: one per account, however
 * many intents want it at once.  False where the customer is there already.
 */
extern bool pc_account_customer_request(const PcApiCall *call, PcAccount *account, pg_uuid_t *row);

/* method_row.c: what create and confirm were given as payment_method. */
typedef struct PcMethodRef
{
	char	   *token;			/* NULL where none was given */
	bool		waits;			/* for the attach below */
	pg_uuid_t	attach;
} PcMethodRef;

extern void pc_method_resolve(const PcApiCall *call, const pg_uuid_t *account, const char *given, PcMethodRef *method);

/* Raises PY030 where the payer gave a mandate for the method (a gateway's token) and none of them holds any more. */
extern void pc_method_check_mandate(const PcApiCall *call, const char *gateway_account, const char *token);

/* intent_row.c */
typedef struct PcIntent
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	IntentStatus status;
	PcMoney		amount;
	PcMoney		capturable;		/* amount where not known */
	bool		off_session;
	char	   *gateway_account;
	char	   *payment_method;
	bool		at_gateway;
} PcIntent;

/* Locks the row. */
extern void pc_intent_lock(const PcApiCall *call, const pg_uuid_t *id, PcIntent *intent);
pc_noreturn extern void pc_intent_wrong_state(const PcIntent *intent, const char *verb);
pc_noreturn extern void pc_intent_operation_pending(const PcIntent *intent, const char *operation);
extern void pc_intent_check_not_pending(const PcApiCall *call, const PcIntent *intent, GwOperation op);
extern bool pc_intent_is_being_confirmed(const PcApiCall *call, const PcIntent *intent);
extern void pc_intent_request(const PcApiCall *call, const PcIntent *intent, PcRequest *request, GwOperation op);
extern TimestampTz pc_on_session_deadline(void);

/* billing_clock.c: the time that billing takes it to be for the call's tenant; raises where it is no real one and money is. */
extern TimestampTz pc_billing_now(const PcApiCall *call);
extern void pc_check_no_real_money(const PcApiCall *call);	/* a year in a minute must not charge real cards */

/* idempotency.c */
typedef struct PcOnce
{
	pg_uuid_t	id;				/* of the object to make, or that was made */
	bool		done;			/* made by an earlier call: return its present row */
} PcOnce;

/*
 * Claims the key (argument key_arg, which may be null) for this call.  Same
 * key and arguments: done.  Others: PY050.  Waits for a session that is at it.
 */
extern PcOnce pc_once(const PcApiCall *call, FunctionCallInfo fcinfo, int key_arg,
					  const char *operation, const char *object_type);

/* The call's key (NULL: none) stands for another object than the one it was to make. */
extern void pc_once_made(const PcApiCall *call, const char *key, const PcOnce *once, const pg_uuid_t *id);

#endif							/* PAYCORE_API_H */
