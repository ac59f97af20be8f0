/**
 * Histories of a simulated network in which much goes wrong: drawn from a seed, run, and checked against what Tether
 * promises. {@link dev.tether.reactor.simulation.swarm.Scenario} says what happens,
 * {@link dev.tether.reactor.simulation.swarm.ScenarioRun} lets it happen.
 */
@NullMarked
package dev.tether.reactor.simulation.swarm;

import org.jspecify.annotations.NullMarked;
