/*
 * usage.h
 *		What the verbs of usage share.
 */
#ifndef PAYCORE_USAGE_USAGE_H
#define PAYCORE_USAGE_USAGE_H

#include "api/api.h"

typedef enum UsgAggregation
{
	USG_COUNT,
	USG_SUM,
	USG_MAX,
	USG_LAST,
	USG_UNIQUE_COUNT,
	USG_WEIGHTED_SUM,
	USG_NAGGREGATIONS
} UsgAggregation;

/* meters.c: names in the order of UsgAggregation, ended by NULL; and back. */
extern const char *const usg_aggregations[];
extern UsgAggregation usg_aggregation_of(const char *name);

typedef struct UsgMeter
{
	pg_uuid_t	id;
	char	   *code;
	UsgAggregation aggregation;
	char	   *value_key;		/* or NULL */
	bool		active;
	TimestampTz earliest;		/* what occurred before comes too late */
	char	   *late_window;
} UsgMeter;

typedef enum UsgOutcome
{
	USG_TAKEN,
	USG_DOUBLED,
	USG_REFUSED
} UsgOutcome;

/* One event that is to be recorded. */
typedef struct UsgEvent
{
	int			nth;			/* its place in the batch, from 1 on */
	char	   *meter_code;		/* as given; NULL where nothing was, as for all that follows */
	bool		has_account;
	pg_uuid_t	account;
	bool		has_quantity;
	Datum		quantity;		/* numeric */
	char	   *key;
	bool		has_time;
	TimestampTz occurred_at;
	bool		has_subscription;
	pg_uuid_t	subscription;
	Jsonb	   *properties;
	Jsonb	   *metadata;
	const UsgMeter *meter;		/* found by usg_check_events() */
	char	   *value;			/* for unique_count */
	pg_uuid_t	id;
	UsgOutcome	outcome;
	int			sqlstate;		/* where refused */
	const char *reason;
	const char *detail;			/* or NULL */
} UsgEvent;

typedef struct UsgBatch
{
	const PcApiCall *call;
	TimestampTz now;			/* by the clock of billing */
	int			n;
	UsgEvent   *events;
	int			nmeters;
	const UsgMeter *meters;
	Datum		row;			/* of the only event, if it was recorded now */
} UsgBatch;

/* event.c: refuses an event that is not as it must be; the first reason stays. */
extern void usg_refuse(UsgEvent *event, int sqlstate, const char *reason, const char *detail);
extern void usg_check_event(const UsgBatch *batch, UsgEvent *event);
extern void usg_check_quantity(UsgEvent *event);

/* find.c: the batch's meters, and the subscription of each of its events. */
extern void usg_find_meters(UsgBatch *batch);
extern void usg_find_subscriptions(UsgBatch *batch);

/* record.c: checks the events and writes what can be taken. */
extern void usg_record(UsgBatch *batch);

/* guard.c: what every event is numbered by. */
extern int64 usg_txn(void);
extern int64 usg_horizon(void);

/* rollup.c: adds up what all transactions see; the number of events.  Without wait, 0 where another session is at it. */
extern int64 usg_roll_up(bool wait);

/* late.c: charges and credits what came, or was corrected, after its period was billed; of how many periods. */
extern int64 usg_bill_late(const PcApiCall *call);

/* rollup.c: nobody adds up until the transaction ends. */
extern void usg_hold_sums(void);

/*
 * alerts.c: alerts for thresholds that usage has reached, given as arrays of tenants, subscriptions,
 * meters and times whose periods are looked at; and invoices at once where they ask for one.
 * Both as the owner; what fails is warned of.
 */
#define USG_TOUCHED_COLUMNS 4
extern void usg_raise_alerts(const Datum *columns);
extern void usg_demand_invoices(void);

/* rollup.c: the worker's turn of it; false. */
extern bool usg_upkeep(void);

#endif							/* PAYCORE_USAGE_USAGE_H */
