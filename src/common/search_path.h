/*
 * search_path.h
 *		Where our statements look for names that carry no schema.
 */
#ifndef PAYCORE_SEARCH_PATH_H
#define PAYCORE_SEARCH_PATH_H

#include "common/paycore.h"

/*
 * Whether nobody but the current user and superusers can put a name where the
 * session looks for names: an operator that fits better than pg_catalog's
 * would be taken.
 */
extern bool pc_search_path_is_private(void);

/* pg_catalog, pg_temp until unpinned; 0 where it was so already. */
extern int	pc_search_path_pin(void);
extern void pc_search_path_unpin(int guc_level);

/* The same, and whatever settings are changed meanwhile fall back to what they were. */
extern int	pc_settings_fence(void);
extern void pc_settings_unfence(int guc_level);

#endif							/* PAYCORE_SEARCH_PATH_H */
