/** Measuring a connection: throughput in each direction and the round trip of a small message. */
@NullMarked
package dev.tether.examples.perf;

import org.jspecify.annotations.NullMarked;
