/* Recipes: what a journal keeps of a transaction's targets. */
#ifndef CE_ENGINE_RECIPE_H
#define CE_ENGINE_RECIPE_H

#include "engine/engine_own.h"

CE_MUSTCHECK int ce_recipe_build(const struct ce_group *group, json_t **ret_recipe, struct ce_error *err);

/* A target read back from its part of a recipe, on the recipe's host; belongs to the engine and lives as long. */
CE_MUSTCHECK int ce_recipe_target(struct ce_engine *engine, const json_t *json, const struct ce_host *host,
	const struct ce_target_run **ret_target, struct ce_error *err);
struct ce_recipe_target;
void ce_recipe_targets_free(struct ce_recipe_target *target);

#endif
