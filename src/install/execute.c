/*
 * execute.c
 *		One statement, as the caller: a tree of the script, or a text.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "install/install.h"
#include "nodes/makefuncs.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"

void
pc_install_execute(Node *statement, const char *source, int location, int length)
{
	PlannedStmt *wrapper = makeNode(PlannedStmt);

	wrapper->commandType = CMD_UTILITY;
	wrapper->canSetTag = false;
	wrapper->utilityStmt = statement;
	wrapper->stmt_location = location;
	wrapper->stmt_len = length;

	PushActiveSnapshot(GetTransactionSnapshot());
	ProcessUtility(wrapper, source, false, PROCESS_UTILITY_QUERY, NULL, NULL, None_Receiver, NULL);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

void
pc_install_run(const char *statement)
{
	int			result = SPI_execute(statement, false, 0);

	if (result < 0)
		elog(ERROR, "paycore: SPI_execute failed: %s", SPI_result_code_string(result));
}
