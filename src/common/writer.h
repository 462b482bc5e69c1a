/*
 * writer.h
 *		In whose name and through what door rows are being written.
 *
 * Guards ask here: may this statement follow a step that only the gateway's
 * word allows, is a role writing through the API, what goes into the history.
 * The answer holds only for triggers fired directly by the statement that
 * paycore itself runs (one trigger level below), never for what a user's own
 * trigger does from there.
 */
#ifndef PAYCORE_WRITER_H
#define PAYCORE_WRITER_H

#include "common/paycore.h"

typedef enum PcSource
{
	PC_SOURCE_SQL,				/* a statement that somebody typed */
	PC_SOURCE_API,
	PC_SOURCE_WEBHOOK,
	PC_SOURCE_RESPONSE,
	PC_SOURCE_POLL
} PcSource;

typedef struct PcWriter
{
	PcSource	source;
	bool		through_api;	/* our own statement, whatever the role's rights on the table */
	bool		observed;		/* the gateway says that it happened: set by reduce and outcome only */
	bool		counters;		/* a guard keeps its counters */
	const char *reason;			/* for status_changes, or NULL */
	int			trigger_depth;	/* of the code that set it */
} PcWriter;

/* The writer as the running trigger may trust it: PC_SOURCE_SQL and all false where not our statement. */
extern PcWriter pc_writer_for_trigger(void);

/* The text that status_changes keeps. */
extern const char *pc_source_name(PcSource source);

/* Use through the macros below only. */
extern PcWriter pc_writer_push(PcWriter writer);
extern void pc_writer_restore(PcWriter saved);

/*
 * PC_WRITE_AS(...) { statements } PC_WRITE_END: the writer is set for the
 * statements, and restored whichever way they end.  No return or goto inside.
 */
#define PC_WRITE_AS(...) \
	do { \
		PcWriter	pc_saved_writer_ = pc_writer_push((PcWriter) {__VA_ARGS__}); \
		PG_TRY();

#define PC_WRITE_END \
		PG_FINALLY(); \
		{ \
			pc_writer_restore(pc_saved_writer_); \
		} \
		PG_END_TRY(); \
	} while (0)

/*
 * Acting as a table's owner; where that is somebody else, with search_path
 * pinned to pg_catalog, pg_temp, and no setting that the owner's code changes
 * outlives it.
 * An error unwinds all by itself (transaction abort).  Where a superuser
 * would act for an ordinary owner, operations that could outlive the switch
 * (deferred triggers, WITH HOLD cursors) are refused.
 */
typedef struct PcIdentity
{
	Oid			user;
	int			context;
	int			guc_level;
} PcIdentity;

extern void pc_identity_assume(PcIdentity *saved, Oid owner);
extern void pc_identity_drop(const PcIdentity *saved);

/*
 * A superuser becomes the owner, who may have put code of their own behind the
 * tables' names; anybody else stays.  Ended by pc_identity_drop(), too.
 */
extern void pc_identity_lower(PcIdentity *saved, Oid owner);

#endif							/* PAYCORE_WRITER_H */
