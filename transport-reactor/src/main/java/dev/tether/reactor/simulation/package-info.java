/**
 * A network in virtual time, for tests: hosts, links with every fault, NATs, crashes, and nodes bound on it as on a real
 * interface. One seed gives one history, to the byte. Start with {@link dev.tether.reactor.simulation.SimulatedNetwork}.
 */
@NullMarked
package dev.tether.reactor.simulation;

import org.jspecify.annotations.NullMarked;
