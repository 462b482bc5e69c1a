/*
 * job.h
 *		An outbox row on its way: claimed, sent, answered, recorded.
 *
 * A job lives in a memory context of its own, across transactions.  The three
 * steps are functions of this room; sending is the worker's.
 */
#ifndef PAYCORE_JOB_H
#define PAYCORE_JOB_H

#include "common/paycore.h"
#include "gateway/gateway.h"
#include "outbox/outbox.h"

/* How far a request got, whatever carried it. */
typedef enum PcDelivery
{
	PC_ANSWERED,
	PC_NOT_CONNECTED,			/* nothing was sent */
	PC_NOT_STARTED,				/* not even tried: no secrets, malformed address */
	PC_LOST						/* sent, or may have been; no whole answer came back */
} PcDelivery;

typedef struct PcJob
{
	MemoryContext context;

	/* The row. */
	pg_uuid_t	id;
	char	   *tenant;
	char	   *gateway_account;
	GwOperation op;
	char	   *object_type;
	pg_uuid_t	object_id;
	pg_uuid_t	lane;
	Jsonb	   *params;
	int			attempts;		/* this one included */
	int			uncounted;
	TimestampTz created_at;
	TimestampTz send_by;		/* 0 = none */
	TimestampTz first_sent_at;	/* this attempt's, where it is the first */
	TimestampTz last_sent_at;
	TimestampTz previously_sent_at;	/* first_sent_at as it was before this claim; 0 = never */
	char	   *idempotency_key;
	char	   *method;
	char	   *path;
	char	   *body;
	char	   *api_version;
	char	   *on_account;
	bool		resolving;
	char	   *resolve_cursor;
	char	   *origin;			/* the database mark it was enqueued under, where that is another one's; else NULL */
	TimestampTz adopted_at;		/* 0 = it was made here */

	/* What is known of the object. */
	bool		found;
	char	   *parent_status;	/* of a refund: its payment's */
	TimestampTz object_created;
	GwCall		call;
	const Gateway *gateway;
	char	   *url;			/* of a webhook endpoint; NULL = the secrets file's base_url */
	TimestampTz endpoint_fails_since;	/* 0 = it took the last one */

	/* On the wire. */
	GwOperation wire_op;		/* op, or the read that resolves it */
	const Jsonb *wire_params;
	const char *endpoint;

	/* What came back. */
	PcDelivery	delivery;
	const char *transport_error;	/* without secrets; NULL if answered */
	bool		tls_refused;
	GwResponse	response;
	bool		in_parts;		/* the objects of a list are recorded each by itself */
	void	   *carrier;		/* the worker's: owns the response's memory */
} PcJob;

/* What becomes of a row, collected over a batch and written by one statement. */
typedef struct PcVerdict
{
	PcJob	   *job;
	const char *status;			/* of the row from now on */
	bool		finished;
	bool		claimed;		/* by us: the row must still be leased to this process */
	bool		uncounted;		/* the attempt is taken back */
	bool		resolve;		/* looked into from now on */
	bool		forget_dispatch;	/* nothing was sent: the resend clock has not started */
	bool		new_key;
	int64		delay_ms;		/* next_attempt_at, from now */
	const char *error_type;
	const char *error_code;
	const char *error_message;
	const char *cursor;
	const GwObject *page;		/* of a list: what was read; else NULL */
} PcVerdict;

/* ---- job.c ---- */

typedef enum PcReadiness
{
	PC_READY,
	PC_NOT_YET,					/* waits for something else */
	PC_OVER						/* *verdict says how it ends */
} PcReadiness;

/* How a job ends without being sent, or after it was. */
extern PcReadiness pc_verdict_over(PcVerdict *verdict, const char *status, const char *code, const char *message);

/* A column of a batch: the array that unnest() takes apart.  Texts may be NULL. */
extern Datum pc_text_array(char *const *texts, int n);
extern Datum pc_uuid_array(const pg_uuid_t *ids, int n);

/* The ids and the tenants of the objects of jobs: two columns of a batch. */
extern void pc_job_objects(List *jobs, Datum *ids_and_tenants);

extern void pc_job_free(PcJob *job);

/* ---- claim.c: inside a transaction, as the owner, with SPI connected ---- */

typedef struct PcDueKey
{
	char	   *gateway_account;
	GwOperation op;
	char	   *operation;
	TimestampTz due_at;
	bool		paused;
	bool		networked;		/* every account of this name goes over the network */
	bool		unchecked;		/* whose key it is has been asked, and not been answered yet */
	bool		livemode;
	int			rate_limit;		/* a second; 0 = the default of the gateway */
	int			endpoint_rate_limit;
	int			max_in_flight;	/* 0 = the default */
} PcDueKey;

/* Accounts and operations with unfinished rows, soonest due each; a List of PcDueKey. */
extern List *pc_outbox_due(void);

/*
 * Claims at most limit rows of the key; a List of PcJob whose bytes are frozen
 * and stored.  *more: there may be more.  Together, an error is raised; apart,
 * it is its row's, which waits, as after an answer that cannot be recorded.
 */
extern List *pc_outbox_claim(const PcDueKey *key, int limit, bool apart, bool *more);

/* Rows whose lease ran out or whose worker is gone go back to the queue. */
extern int	pc_outbox_reclaim(void);

/* ---- load.c ---- */

/* Fills what is known of the objects of jobs, which all have the same operation. */
extern void pc_jobs_load(List *jobs, GwOperation op);

/* ---- precondition.c ---- */

extern PcReadiness pc_precondition(PcJob *job, TimestampTz now, PcVerdict *verdict);

/* The same of an adopted request, whose outcome is looked for first. */
extern PcReadiness pc_precondition_adopted(PcJob *job, TimestampTz now, PcVerdict *verdict);

/* ---- resolve.c ---- */

/* Chooses the read that tells what became of the request; PC_OVER where no read is needed. */
extern PcReadiness pc_resolve_prepare(PcJob *job, PcVerdict *verdict);
extern void pc_resolve_judge(PcJob *job, const GwAnswer *answer, TimestampTz now, PcVerdict *verdict);

/* From now on the row is looked into. */
extern void pc_resolve_begin(PcJob *job, TimestampTz now, PcVerdict *verdict);

/* ---- effect.c ---- */

typedef enum PcEffect
{
	PC_EFFECT_NONE,
	PC_EFFECT_VISIBLE,
	PC_EFFECT_DECLINED,
	PC_EFFECT_IMPOSSIBLE		/* the object has moved on: it will never happen */
} PcEffect;

extern PcEffect pc_effect_of(const PcJob *job, const GwObject *object);

/* ---- page.c: requests whose own operation is a list ---- */

/* The next page, where there was one before. */
extern void pc_page_prepare(PcJob *job);

/* Of a list that a backfill reads. */
extern bool pc_page_of_backfill(const PcJob *job);

/* Whether another page is to be asked for. */
extern void pc_page_judge(const GwObject *page, PcVerdict *verdict);

/* What follows from a page. */
extern void pc_page_recorded(PcJob *job, const GwObject *page, const PcVerdict *verdict);

/* Notes how far its list has been read, and goes on where that is its end.  Last of all: readings of other parts wait for it. */
extern void pc_page_progress(const PcVerdict *verdict);

/* ---- push.c: deliveries to webhook endpoints ---- */

extern void pc_push_load(List *jobs);
extern PcReadiness pc_push_ready(PcJob *job, bool behind, PcVerdict *verdict);
extern void pc_push_judge(PcJob *job, TimestampTz now, PcVerdict *verdict);

/* ---- outcome.c ---- */

/* What a definite refusal means for the object: intent failed, refund failed and its share free, ... */
extern void pc_outcome_refused(PcJob *job, const char *type, const char *code, const char *message);

/* A GET of the job's object, soon. */
extern void pc_outcome_look(PcJob *job, int64 delay_ms);

/* The gateway account of the key is not used any more until resume_gateway(). */
extern void pc_pause_account(const char *name, const char *reason);

/* ---- control.c ---- */

/* Refuses a gateway account that the session's tenant does not have.  The owner may use any.  SPI connected. */
extern void pc_check_own_account(const char *name);

/* ---- check.c ---- */

/* Compares the account behind the key with the pinned one; pins it where none is; else pauses. */
extern void pc_account_checked(PcJob *job, const GwObject *account);
/* Enqueues the question whose key it is, for active accounts that have one: of this name (NULL = any), and all or those never checked. */
extern void pc_accounts_ask(bool all, const char *name);

/* ---- settle.c ---- */

/* Records the answers; starts and commits its own transactions through the callbacks. */
typedef struct PcTransactions
{
	void		(*begin) (void);
	void		(*commit) (void);
	void		(*abort) (void);
} PcTransactions;

/* Returns how many answers could not be recorded (they will be asked for again). */
extern int	pc_outbox_settle(List *jobs, const PcTransactions *transactions);

/*
 * Runs work(job, arg) in a subtransaction.  True if it went through; else the
 * verdict holds the error, and the row is tried again or given up.
 */
extern bool pc_guarded(void (*work) (PcJob *job, void *arg), PcJob *job, void *arg, PcVerdict *verdict);

/* ---- finish.c ---- */

/* Writes the verdicts; wakes what waited for the finished ones. */
extern void pc_verdicts_write(List *verdicts);

/* Backoff before the next try: exponential with jitter, in ms. */
extern int64 pc_backoff_ms(int tries);

#endif							/* PAYCORE_JOB_H */
