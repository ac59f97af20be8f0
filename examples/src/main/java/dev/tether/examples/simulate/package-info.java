/** {@code tether simulate}: histories of a simulated network, run in parallel, summed up and reported. */
@NullMarked
package dev.tether.examples.simulate;

import org.jspecify.annotations.NullMarked;
