/*
 * weather - what goes wrong between the nodes, or with the machines they run
 * on: links are cut in both directions or in one, clocks are set, drift or
 * stand still, processes are stopped, laptops sleep, disks are replaced by
 * copies. What goes wrong with a node's own disk, or ends it, is in the node.
 */
#ifndef TESTS_SIM_WEATHER_H
#define TESTS_SIM_WEATHER_H

#include "sim/cluster.h"

/* What the plan wants in this step. */
void weather_turn(struct cluster *c);

#endif
