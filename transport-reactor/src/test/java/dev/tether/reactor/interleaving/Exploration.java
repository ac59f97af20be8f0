package dev.tether.reactor.interleaving;

import org.jspecify.annotations.Nullable;

/**
 * What came of all orders.
 *
 * @param runs how many orders were run, of which no two are the same but for accesses that do not concern each other
 * @param violation what went wrong in the first bad order, after which no other was run; null if none was bad
 */
public record Exploration(int runs, @Nullable AssertionError violation) {}
