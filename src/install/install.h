/*
 * install.h
 *		How init() turns its script into tables, and what each role may do with them.
 */
#ifndef PAYCORE_INSTALL_H
#define PAYCORE_INSTALL_H

#include "common/paycore.h"
#include "nodes/parsenodes.h"

/* What a run of init() has changed. */
typedef struct PcInstallReport
{
	int			tables;
	int			columns;
	int			constraints;
	int			indexes;
	int			triggers;
	int			policies;
	int			views;
	bool		marked;
	bool		gateway_account;
} PcInstallReport;

/* Runs one statement of the script, unless what it makes is there already. */
extern void pc_install_statement(RawStmt *raw, const char *script, List *all, PcInstallReport *report);

/* A utility statement's tree; the text of any statement, within SPI. */
extern void pc_install_execute(Node *statement, const char *source, int location, int length);
extern void pc_install_run(const char *statement);

/* An existing table: adds the columns and constraints that its statement has and it has not. */
extern void pc_install_upgrade_table(CreateStmt *create, Oid table, List *all, PcInstallReport *report);

extern bool pc_constraint_exists(Oid table, const char *name);

/* ALTER DATABASE ... SET paycore.worker = on, unless it is set to something.  False where it was. */
extern bool pc_install_mark_database(void);

/* Gives a role USAGE on the schema and EXECUTE on what its level calls, in the name of their owner. */
extern void pc_grant_functions(const char *role, int rank);

/* reader 0, app 1, operator 2, admin 3; -1 where unknown. */
extern int	pc_access_rank(const char *level);

#endif							/* PAYCORE_INSTALL_H */
