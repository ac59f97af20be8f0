/**
 * The models of which a simulated network is made: seeded randomness, one direction of a link, and an address translator.
 * They are pure: time is an argument, a seed decides everything else, and the caller carries the datagrams.
 */
@NullMarked
package dev.tether.core.simulation;

import org.jspecify.annotations.NullMarked;
